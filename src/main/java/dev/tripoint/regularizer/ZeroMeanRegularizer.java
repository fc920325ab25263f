package dev.tripoint.regularizer;

import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;

/**
 * The absolute sum of each row's entries: {@code pml.ZeroMeanRegularizer}.
 *
 * @param reducer {@link MeanReducer} by default
 */
public record ZeroMeanRegularizer(Reducer reducer)
    implements MetricRegularizer, WithReducer<ZeroMeanRegularizer> {

  public ZeroMeanRegularizer() {
    this(new MeanReducer());
  }

  @Override
  public ZeroMeanRegularizer with(Reducer reducer) {
    return new ZeroMeanRegularizer(reducer);
  }

  @Override
  public LossTerms terms(Tensor rows) {
    return LossTerms.elements(rows.sum(1).abs());
  }
}
