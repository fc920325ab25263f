package dev.tripoint.nn;

import dev.tripoint.tensor.Tensor;

/**
 * max(0, d(a, p) − d(a, n) + margin), row by row, with the norm of the difference as d: {@code
 * torch.nn.TripletMarginLoss}.
 *
 * @param margin above 0; 1 by default
 * @param p the norm; 2 by default
 * @param eps added to each difference; 1e-6 by default
 * @param swap whether d(p, n) replaces d(a, n) where it is the smaller; false by default
 * @param reduction {@link Reduction#MEAN} by default
 */
public record TripletMarginLoss(
    double margin, double p, double eps, boolean swap, Reduction reduction) {

  /**
   * @throws IllegalArgumentException if the margin is not above 0
   */
  public TripletMarginLoss {
    TripletRows.requireMargin(margin);
  }

  public TripletMarginLoss() {
    this(1);
  }

  public TripletMarginLoss(double margin) {
    this(margin, 2, 1e-6, false, Reduction.MEAN);
  }

  public TripletMarginLoss withP(double p) {
    return new TripletMarginLoss(margin, p, eps, swap, reduction);
  }

  public TripletMarginLoss withEps(double eps) {
    return new TripletMarginLoss(margin, p, eps, swap, reduction);
  }

  public TripletMarginLoss withSwap(boolean swap) {
    return new TripletMarginLoss(margin, p, eps, swap, reduction);
  }

  public TripletMarginLoss with(Reduction reduction) {
    return new TripletMarginLoss(margin, p, eps, swap, reduction);
  }

  /**
   * The loss of explicit triplets.
   *
   * @param anchor floats, [N, D] or [D]
   * @param positive floats, of the same shape or one that broadcasts
   * @param negative floats, of the same shape or one that broadcasts
   * @return a single value, or [N] with {@link Reduction#NONE}; differentiable
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor anchor, Tensor positive, Tensor negative) {
    return Functional.tripletMarginLoss(
        anchor, positive, negative, margin, p, eps, swap, reduction);
  }
}
