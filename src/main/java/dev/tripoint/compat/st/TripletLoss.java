package dev.tripoint.compat.st;

import dev.tripoint.miner.Inputs;
import dev.tripoint.tensor.Tensor;
import java.util.function.BinaryOperator;

/**
 * The mean of max(0, d(a, p) − d(a, n) + margin) over rows: {@code st.TripletLoss}.
 *
 * @param tripletMargin 5 by default
 * @param distanceMetric {@link TripletDistanceMetric#EUCLIDEAN} by default
 */
public record TripletLoss(double tripletMargin, BinaryOperator<Tensor> distanceMetric) {

  /**
   * @throws IllegalArgumentException if the margin is not a number
   */
  public TripletLoss {
    Inputs.requireNumber("triplet_margin", tripletMargin);
  }

  public TripletLoss() {
    this(5);
  }

  public TripletLoss(double tripletMargin) {
    this(tripletMargin, TripletDistanceMetric.EUCLIDEAN);
  }

  public TripletLoss withDistanceMetric(BinaryOperator<Tensor> distanceMetric) {
    return new TripletLoss(tripletMargin, distanceMetric);
  }

  /**
   * The loss of triplets.
   *
   * @param anchor floats, [N, D]
   * @param positive floats of the same dtype, [N, D]
   * @param negative floats of the same dtype, [N, D]
   * @return a single value; NaN for no rows
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor anchor, Tensor positive, Tensor negative) {
    Rows.require(anchor, positive, negative);
    return Rows.scoped(() -> {
      Tensor near = distanceMetric.apply(anchor, positive);
      Tensor far = distanceMetric.apply(anchor, negative);
      return near.sub(far).add(tripletMargin).relu().mean();
    });
  }
}
