package dev.tripoint.compat.st;

import dev.tripoint.miner.Inputs;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import java.util.function.BinaryOperator;

/**
 * Pairs of one kind are pulled together, others pushed a margin apart: ½ (t d² + (1 − t) max(0,
 * margin − d)²) for each pair with target t: {@code st.ContrastiveLoss}.
 *
 * @param margin 0.5 by default
 * @param sizeAverage the mean over the pairs, else their sum; true by default
 * @param distanceMetric {@link SiameseDistanceMetric#COSINE_DISTANCE} by default
 */
public record ContrastiveLoss(
    double margin, boolean sizeAverage, BinaryOperator<Tensor> distanceMetric) {

  /**
   * @throws IllegalArgumentException if the margin is not a number
   */
  public ContrastiveLoss {
    Inputs.requireNumber("margin", margin);
  }

  public ContrastiveLoss() {
    this(0.5);
  }

  public ContrastiveLoss(double margin) {
    this(margin, true, SiameseDistanceMetric.COSINE_DISTANCE);
  }

  public ContrastiveLoss withSizeAverage(boolean sizeAverage) {
    return new ContrastiveLoss(margin, sizeAverage, distanceMetric);
  }

  public ContrastiveLoss withDistanceMetric(BinaryOperator<Tensor> distanceMetric) {
    return new ContrastiveLoss(margin, sizeAverage, distanceMetric);
  }

  /**
   * The loss of pairs.
   *
   * @param anchor floats, [N, D]
   * @param other floats of the same dtype, [N, D]
   * @param targets [N]: 1 for pairs that belong together, 0 for others; numbers between weigh both
   *     sides
   * @return a single value; NaN for the mean of no pairs
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor anchor, Tensor other, Tensor targets) {
    Rows.require(anchor, other);
    Tensor wanted = Rows.requireTargets(targets, anchor);
    return Rows.scoped(() -> {
      Tensor distances = distanceMetric.apply(anchor, other);
      // The source rounds targets to float32.
      Tensor near = wanted.to(DType.FLOAT32).mul(distances.square());
      Tensor far = wanted.rsub(1).to(DType.FLOAT32).mul(distances.rsub(margin).relu().square());
      Tensor losses = near.add(far).mul(0.5);
      return sizeAverage ? losses.mean() : losses.sum();
    });
  }
}
