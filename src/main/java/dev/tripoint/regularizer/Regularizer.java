package dev.tripoint.regularizer;

import dev.tripoint.tensor.Tensor;

/**
 * What a matrix costs by itself. One method is enough, so a lambda will do: {@code rows ->
 * rows.square().mean()}.
 *
 * <p>Source followed: {@code BaseRegularizer} of pytorch-metric-learning 2.9. Implementations are
 * immutable and may be used by several threads at once, unless they say otherwise.
 */
@FunctionalInterface
public interface Regularizer {

  /**
   * The cost.
   *
   * @param rows floats, [N, D]: embeddings, or weights with a row for each class
   * @return a single value; a new tensor, differentiable
   */
  Tensor forward(Tensor rows);
}
