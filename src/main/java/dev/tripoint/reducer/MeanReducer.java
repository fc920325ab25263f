package dev.tripoint.reducer;

import dev.tripoint.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The mean of all losses: {@code pml.MeanReducer}. */
public record MeanReducer() implements Reducer {

  @Override
  public Tensor reduce(LossTerms terms, Tensor embeddings, @Nullable Tensor labels) {
    return terms.kind() == LossTerms.Kind.ALREADY_REDUCED
        ? terms.losses().retain()
        : terms.losses().mean();
  }

  /** {@code losses_size}: how many losses there were. */
  @Override
  public Map<String, Double> stats(LossTerms terms) {
    return Stats.size(terms);
  }
}
