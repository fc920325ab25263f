package dev.tripoint.catalog;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The other parts that a part is put together with; null for what it has by itself.
 *
 * @param distance a distance of the catalogue
 * @param word a distance by the reference's own word
 * @param reducer a reducer
 * @param weights what the part has learnt, in the reference's shape
 */
public record Composition(
    @Nullable Distance distance,
    @Nullable String word,
    @Nullable Reducer reducer,
    @Nullable Tensor weights) {
  /** Nothing but the part's own. */
  public static final Composition OWN = new Composition(null, null, null, null);

  /** A loss with the distance and reducer of this composition. */
  <L extends WithDistance<L> & WithReducer<L>> L onto(L loss) {
    return ontoReducer(ontoDistance(loss));
  }

  /** A part with the distance of this composition. */
  <T extends WithDistance<T>> T ontoDistance(T part) {
    return distance == null ? part : part.with(distance);
  }

  /** A part with the reducer of this composition. */
  <T extends WithReducer<T>> T ontoReducer(T part) {
    return reducer == null ? part : part.with(reducer);
  }

  /** The same with these weights. */
  public Composition withWeights(@Nullable Tensor weights) {
    return new Composition(distance, word, reducer, weights);
  }
}
