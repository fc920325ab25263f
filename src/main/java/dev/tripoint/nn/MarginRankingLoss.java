package dev.tripoint.nn;

import dev.tripoint.tensor.Tensor;

/**
 * max(0, −y (x1 − x2) + margin), element by element, with the target y: 1 where x1 is to be the
 * greater, −1 where x2 is: {@code torch.nn.MarginRankingLoss}.
 *
 * @param margin by how much; 0 by default
 * @param reduction {@link Reduction#MEAN} by default
 */
public record MarginRankingLoss(double margin, Reduction reduction) {

  /**
   * @throws IllegalArgumentException if the margin is not a number
   */
  public MarginRankingLoss {
    TargetRows.requireMargin(margin);
  }

  public MarginRankingLoss(double margin) {
    this(margin, Reduction.MEAN);
  }

  public MarginRankingLoss() {
    this(0);
  }

  public MarginRankingLoss with(Reduction reduction) {
    return new MarginRankingLoss(margin, reduction);
  }

  /**
   * The loss of pairs of scores.
   *
   * @param x1 floats, of any shape
   * @param x2 floats, of the same shape
   * @param target 1 or −1, of any dtype, of the same shape or one of as many dimensions that
   *     broadcasts
   * @return a single value, or the shape of the inputs with {@link Reduction#NONE}; differentiable
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor x1, Tensor x2, Tensor target) {
    return Functional.marginRankingLoss(x1, x2, target, margin, reduction);
  }
}
