package dev.tripoint.nn;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * max(0, d(a, p) − d(a, n) + margin) with any distance: {@code
 * torch.nn.TripletMarginWithDistanceLoss}. The distance is Java, so a lambda will do:
 *
 * <pre>{@code
 * var loss = new TripletMarginWithDistanceLoss((x, y) -> x.sub(y).abs().amax(1, false)).withMargin(1.5);
 * Tensor value = loss.forward(anchor, positive, negative);
 * }</pre>
 *
 * @param distance gives a nonnegative distance for each row of two tensors; {@link
 *     PairwiseDistance} with its defaults by default
 * @param margin above 0; 1 by default
 * @param swap whether d(p, n) replaces d(a, n) where it is the smaller; false by default
 * @param reduction {@link Reduction#MEAN} by default
 */
public record TripletMarginWithDistanceLoss(
    BinaryOperator<Tensor> distance, double margin, boolean swap, Reduction reduction) {

  /**
   * @throws IllegalArgumentException if the margin is not above 0
   */
  public TripletMarginWithDistanceLoss(
      @Nullable BinaryOperator<Tensor> distance, double margin, boolean swap, Reduction reduction) {
    TripletRows.requireMargin(margin);
    this.distance = distance == null ? new PairwiseDistance() : distance;
    this.margin = margin;
    this.swap = swap;
    this.reduction = reduction;
  }

  public TripletMarginWithDistanceLoss() {
    this(null);
  }

  public TripletMarginWithDistanceLoss(@Nullable BinaryOperator<Tensor> distance) {
    this(distance, 1, false, Reduction.MEAN);
  }

  public TripletMarginWithDistanceLoss withMargin(double margin) {
    return new TripletMarginWithDistanceLoss(distance, margin, swap, reduction);
  }

  public TripletMarginWithDistanceLoss withSwap(boolean swap) {
    return new TripletMarginWithDistanceLoss(distance, margin, swap, reduction);
  }

  public TripletMarginWithDistanceLoss with(Reduction reduction) {
    return new TripletMarginWithDistanceLoss(distance, margin, swap, reduction);
  }

  /**
   * The loss of explicit triplets.
   *
   * @param anchor floats, of any shape that the distance takes
   * @param positive floats, with as many dimensions
   * @param negative floats, with as many dimensions
   * @return a single value, or the distance's shape with {@link Reduction#NONE}; differentiable
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor anchor, Tensor positive, Tensor negative) {
    if (distance instanceof PairwiseDistance) {
      TripletRows.require(anchor, positive, negative);
    } else {
      TripletRows.requireDims(anchor, positive, negative);
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor toPositive = distance.apply(anchor, positive);
      Tensor toNegative = distance.apply(anchor, negative);
      if (swap) {
        toNegative = toNegative.minimum(distance.apply(positive, negative));
      }
      Tensor losses = toPositive.add(margin).sub(toNegative).clampMin(0);
      return scope.keep(reduction.apply(losses));
    }
  }
}
