package dev.tripoint.catalog;

import dev.tripoint.distance.Distance;
import dev.tripoint.reducer.Reducer;
import org.jspecify.annotations.Nullable;

/**
 * The other parts that a part is put together with; null for what it has by itself.
 *
 * @param distance a distance of the catalogue
 * @param word a distance by the reference's own word
 * @param reducer a reducer
 */
public record Composition(
    @Nullable Distance distance, @Nullable String word, @Nullable Reducer reducer) {
  /** Nothing but the part's own. */
  public static final Composition OWN = new Composition(null, null, null);
}
