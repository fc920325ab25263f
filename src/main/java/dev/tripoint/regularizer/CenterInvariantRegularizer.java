package dev.tripoint.regularizer;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;

/**
 * How far each row's squared norm is from the mean of them, squared, divided by 4: {@code
 * pml.CenterInvariantRegularizer}, for weights with a row for each class.
 *
 * @param distance an {@link LpDistance} of rows as they are, to the power 1, whose norm is used;
 *     that with p = 2 by default
 * @param reducer {@link MeanReducer} by default
 */
public record CenterInvariantRegularizer(Distance distance, Reducer reducer)
    implements MetricRegularizer,
        WithDistance<CenterInvariantRegularizer>,
        WithReducer<CenterInvariantRegularizer> {

  /**
   * @throws IllegalArgumentException if the distance is another
   */
  public CenterInvariantRegularizer {
    if (!(distance instanceof LpDistance(var _, double power, boolean normalize))
        || power != 1
        || normalize) {
      throw new IllegalArgumentException(
          "the distance must be an LpDistance of power 1 that does not normalize, but is "
              + distance);
    }
  }

  public CenterInvariantRegularizer() {
    this(new LpDistance().withNormalizeEmbeddings(false), new MeanReducer());
  }

  @Override
  public CenterInvariantRegularizer with(Distance distance) {
    return new CenterInvariantRegularizer(distance, reducer);
  }

  @Override
  public CenterInvariantRegularizer with(Reducer reducer) {
    return new CenterInvariantRegularizer(distance, reducer);
  }

  @Override
  public LossTerms terms(Tensor rows) {
    Tensor squares = Norms.of(rows, ((LpDistance) distance).p()).square();
    return LossTerms.elements(squares.sub(squares.mean()).square().div(4));
  }
}
