package dev.tripoint.reducer;

import dev.tripoint.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes one loss of many. One method is enough, so a lambda will do: {@code (terms, embeddings,
 * labels) -> terms.losses().amax(0, false)}.
 *
 * <p>Source followed: {@code BaseReducer} of pytorch-metric-learning 2.9. Implementations are
 * immutable and may be used by several threads at once.
 */
@FunctionalInterface
public interface Reducer {

  /**
   * Reduces.
   *
   * @param terms what to reduce
   * @param embeddings [N, D], the batch that the losses come from
   * @param labels [N], its labels, or null where the loss was given tuples instead
   * @return the loss; a new tensor, differentiable
   */
  Tensor reduce(LossTerms terms, Tensor embeddings, @Nullable Tensor labels);

  /**
   * What the source records while it reduces, by its names and in its order; nothing by default.
   */
  default Map<String, Double> stats(LossTerms terms) {
    return Map.of();
  }

  /**
   * The reducer for one of a loss's several terms, as "pos_loss" and "neg_loss" of a contrastive
   * loss; this one for all of them by default.
   */
  default Reducer forTerms(String name) {
    return this;
  }
}
