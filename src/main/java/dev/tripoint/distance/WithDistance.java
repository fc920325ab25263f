package dev.tripoint.distance;

/**
 * What can be given a distance.
 *
 * @param <T> the type itself
 */
public interface WithDistance<T> {

  /** The same with this distance. */
  T with(Distance distance);
}
