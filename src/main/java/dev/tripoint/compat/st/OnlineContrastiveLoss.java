package dev.tripoint.compat.st;

import dev.tripoint.miner.Inputs;
import dev.tripoint.tensor.Tensor;
import java.util.function.BinaryOperator;

/**
 * The contrastive loss of the batch's hard pairs: positives that are farther than the nearest
 * negative, negatives that are nearer than the farthest positive: {@code st.OnlineContrastiveLoss}.
 * It is the sum of d² over those positives and of max(0, margin − d)² over those negatives. Where
 * one kind is missing, its bound is the mean distance of the other.
 *
 * @param margin 0.5 by default
 * @param distanceMetric {@link SiameseDistanceMetric#COSINE_DISTANCE} by default
 */
public record OnlineContrastiveLoss(double margin, BinaryOperator<Tensor> distanceMetric) {

  /**
   * @throws IllegalArgumentException if the margin is not a number
   */
  public OnlineContrastiveLoss {
    Inputs.requireNumber("margin", margin);
  }

  public OnlineContrastiveLoss() {
    this(0.5);
  }

  public OnlineContrastiveLoss(double margin) {
    this(margin, SiameseDistanceMetric.COSINE_DISTANCE);
  }

  public OnlineContrastiveLoss withDistanceMetric(BinaryOperator<Tensor> distanceMetric) {
    return new OnlineContrastiveLoss(margin, distanceMetric);
  }

  /**
   * The loss of pairs.
   *
   * @param anchor floats, [N, D]
   * @param other floats of the same dtype, [N, D]
   * @param targets [N]: 1 for pairs that belong together, 0 for others; pairs with another number
   *     are left out
   * @return a single value
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor anchor, Tensor other, Tensor targets) {
    Rows.require(anchor, other);
    Tensor wanted = Rows.requireTargets(targets, anchor);
    return Rows.scoped(() -> {
      Tensor distances = distanceMetric.apply(anchor, other);
      Tensor positives = distances.maskedSelect(wanted.eq(1));
      Tensor negatives = distances.maskedSelect(wanted.eq(0));
      Tensor farthest = positives.numel() > 0 ? positives.max() : negatives.mean();
      Tensor nearest = negatives.numel() > 0 ? negatives.min() : positives.mean();
      Tensor hardNegatives = negatives.maskedSelect(negatives.lt(farthest));
      Tensor hardPositives = positives.maskedSelect(positives.gt(nearest));
      return hardPositives.square().sum().add(hardNegatives.rsub(margin).relu().square().sum());
    });
  }
}
