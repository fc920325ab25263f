package dev.tripoint.reducer;

import dev.tripoint.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The sum of all losses: {@code pml.SumReducer}. */
public record SumReducer() implements Reducer {

  @Override
  public Tensor reduce(LossTerms terms, Tensor embeddings, @Nullable Tensor labels) {
    return terms.kind() == LossTerms.Kind.ALREADY_REDUCED
        ? terms.losses().retain()
        : terms.losses().sum();
  }

  /** {@code losses_size}: how many losses there were. */
  @Override
  public Map<String, Double> stats(LossTerms terms) {
    return Stats.size(terms);
  }
}
