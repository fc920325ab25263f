package dev.tripoint.reducer;

import dev.tripoint.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The mean of the losses above 0, 0 with gradient 0 where there is none: {@code
 * pml.AvgNonZeroReducer}.
 */
public record AvgNonZeroReducer() implements Reducer {

  private static final Reducer ABOVE_ZERO = new ThresholdReducer(0.0, null);

  @Override
  public Tensor reduce(LossTerms terms, Tensor embeddings, @Nullable Tensor labels) {
    return ABOVE_ZERO.reduce(terms, embeddings, labels);
  }

  /**
   * {@code losses_size}, {@code num_past_filter} and {@code num_above_low}; the last two are the
   * same number.
   */
  @Override
  public Map<String, Double> stats(LossTerms terms) {
    return ABOVE_ZERO.stats(terms);
  }
}
