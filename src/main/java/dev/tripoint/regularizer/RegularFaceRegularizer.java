package dev.tripoint.regularizer;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;

/**
 * Each row's similarity to the most similar other row: {@code pml.RegularFaceRegularizer}, for
 * weights with a row for each class. Of equally similar ones the first counts; a single row is
 * compared with itself.
 *
 * @param distance a similarity; {@link CosineSimilarity} by default
 * @param reducer {@link MeanReducer} by default
 */
public record RegularFaceRegularizer(Distance distance, Reducer reducer)
    implements MetricRegularizer,
        WithDistance<RegularFaceRegularizer>,
        WithReducer<RegularFaceRegularizer> {

  /**
   * @throws IllegalArgumentException if the distance is no similarity
   */
  public RegularFaceRegularizer {
    if (!distance.isInverted()) {
      throw new IllegalArgumentException(
          "the distance must be a similarity, where greater means closer, but is " + distance);
    }
  }

  public RegularFaceRegularizer() {
    this(new CosineSimilarity(), new MeanReducer());
  }

  @Override
  public RegularFaceRegularizer with(Distance distance) {
    return new RegularFaceRegularizer(distance, reducer);
  }

  @Override
  public RegularFaceRegularizer with(Reducer reducer) {
    return new RegularFaceRegularizer(distance, reducer);
  }

  @Override
  public LossTerms terms(Tensor rows) {
    Tensor similarities = distance.matrix(rows, rows);
    Tensor others = similarities.detach().copy().fillDiagonal_(Double.NEGATIVE_INFINITY);
    Tensor nearest = others.max(1, true).indices();
    return LossTerms.elements(similarities.gather(1, nearest).squeeze(1));
  }
}
