package dev.tripoint.reducer;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The sum of the losses divided by the number that the loss gives with them, 0 with gradient 0
 * where that is 0: {@code pml.DivisorReducer}. Losses of half precision are summed in float32.
 */
public record DivisorReducer() implements Reducer {

  /**
   * @throws IllegalArgumentException if the loss gives no divisor
   */
  @Override
  public Tensor reduce(LossTerms terms, Tensor embeddings, @Nullable Tensor labels) {
    if (terms.kind() == LossTerms.Kind.ALREADY_REDUCED) {
      return terms.losses().retain();
    }
    double divisor =
        terms
            .divisor()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "DivisorReducer needs a loss that gives a divisor, and this one gives none"));
    if (divisor == 0) {
      return LossTerms.zero(embeddings);
    }
    try (TensorScope scope = TensorScope.open()) {
      DType dtype = terms.losses().dtype();
      DType wide = dtype == DType.FLOAT64 ? dtype : DType.FLOAT32;
      return scope.keep(terms.losses().to(wide).sum().div(divisor).to(dtype));
    }
  }

  /** {@code losses_size}, and the {@code divisor}, 0 where there was nothing to divide. */
  @Override
  public Map<String, Double> stats(LossTerms terms) {
    Map<String, Double> stats = Stats.size(terms);
    boolean reduced = terms.kind() == LossTerms.Kind.ALREADY_REDUCED;
    stats.put("divisor", reduced ? 0 : terms.divisor().orElse(0));
    return stats;
  }
}
