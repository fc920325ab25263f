package dev.tripoint.reducer;

/**
 * What can be given a reducer.
 *
 * @param <T> the type itself
 */
public interface WithReducer<T> {

  /** The same with this reducer. */
  T with(Reducer reducer);
}
