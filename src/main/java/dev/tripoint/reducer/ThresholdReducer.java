package dev.tripoint.reducer;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The mean of the losses strictly between two bounds, 0 with gradient 0 where there is none: {@code
 * pml.ThresholdReducer}.
 *
 * @param low what a loss must exceed, or null for no lower bound
 * @param high what a loss must stay below, or null for no upper bound
 */
public record ThresholdReducer(@Nullable Double low, @Nullable Double high) implements Reducer {

  /**
   * @throws IllegalArgumentException if neither bound is given
   */
  public ThresholdReducer {
    if (low == null && high == null) {
      throw new IllegalArgumentException("at least one of low and high must be given");
    }
  }

  @Override
  public Tensor reduce(LossTerms terms, Tensor embeddings, @Nullable Tensor labels) {
    if (terms.kind() == LossTerms.Kind.ALREADY_REDUCED) {
      return terms.losses().retain();
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor past = terms.losses().maskedSelect(between(terms.losses()));
      return scope.keep(past.numel() == 0 ? LossTerms.zero(embeddings) : past.mean());
    }
  }

  /**
   * {@code losses_size}, {@code num_past_filter}, and {@code num_above_low} and {@code
   * num_below_high} for the bounds that are given. As in the source, the second bound counts what
   * the first let through, and a batch with nothing to learn from has a losses_size of 1 and passes
   * nothing.
   */
  @Override
  public Map<String, Double> stats(LossTerms terms) {
    Map<String, Double> stats = Stats.size(terms);
    boolean reduced = terms.kind() == LossTerms.Kind.ALREADY_REDUCED;
    try (TensorScope scope = TensorScope.open()) {
      double past = reduced ? 0 : between(terms.losses()).sum().item();
      stats.put("num_past_filter", past);
      if (low != null) {
        stats.put("num_above_low", reduced ? 0 : terms.losses().gt(low).sum().item());
      }
      if (high != null) {
        stats.put("num_below_high", past);
      }
    }
    return stats;
  }

  private Tensor between(Tensor losses) {
    if (low == null) {
      return losses.lt(high);
    }
    return high == null ? losses.gt(low) : losses.gt(low).logicalAnd(losses.lt(high));
  }
}
