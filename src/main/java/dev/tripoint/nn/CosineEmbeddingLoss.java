package dev.tripoint.nn;

import dev.tripoint.tensor.Tensor;

/**
 * 1 − cos(x1, x2) where the target is 1, max(0, cos(x1, x2) − margin) where it is −1, and nothing
 * for any other: {@code torch.nn.CosineEmbeddingLoss}.
 *
 * @param margin the cosine that unlike vectors may have; 0 by default
 * @param reduction {@link Reduction#MEAN} by default
 */
public record CosineEmbeddingLoss(double margin, Reduction reduction) {

  /**
   * @throws IllegalArgumentException if the margin is not a number
   */
  public CosineEmbeddingLoss {
    TargetRows.requireMargin(margin);
  }

  public CosineEmbeddingLoss(double margin) {
    this(margin, Reduction.MEAN);
  }

  public CosineEmbeddingLoss() {
    this(0);
  }

  public CosineEmbeddingLoss with(Reduction reduction) {
    return new CosineEmbeddingLoss(margin, reduction);
  }

  /**
   * The loss of explicit pairs.
   *
   * @param x1 floats, [N, D] or [D]
   * @param x2 floats, of the same shape
   * @param target 1 or −1, of any dtype, [N] or a single one
   * @return a single value, or [N] with {@link Reduction#NONE}; differentiable
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor x1, Tensor x2, Tensor target) {
    return Functional.cosineEmbeddingLoss(x1, x2, target, margin, reduction);
  }
}
