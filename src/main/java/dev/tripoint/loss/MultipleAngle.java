package dev.tripoint.loss;

import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;

/** Cosines of an angle times a whole number, which fall all the way from 0 to π. */
final class MultipleAngle {

  private static final Op POW_OF = Op.of("aten::pow.Scalar");

  private MultipleAngle() {}

  static void requireMargin(int margin) {
    if (margin < 1) {
      throw new IllegalArgumentException("margin must be 1 or more, but is " + margin);
    }
  }

  /**
   * (−1)ᵏ cos mθ − 2k for the angles θ of cosines, where k is how many times π/m fits into θ. By
   * the multiple-angle formula cos mθ is a polynomial in cos θ, so no slope is infinite.
   *
   * @param cosines [N]
   */
  static Tensor of(Tensor cosines, int margin) {
    Tensor squaredSines = cosines.pow(2).rsub(1);
    Tensor sum = cosines.pow((long) margin);
    double ways = 1;
    for (int n = 1; 2 * n <= margin; n++) {
      ways *= (double) (margin - 2 * n + 2) * (margin - 2 * n + 1) / ((2.0 * n - 1) * (2 * n));
      Tensor term = cosines.pow((long) margin - 2 * n).mul(n % 2 == 0 ? ways : -ways);
      sum = sum.add(term.mul(squaredSines.pow((long) n)));
    }
    Tensor k;
    try (Autograd.Mode off = Autograd.noGrad()) {
      k = Angles.of(cosines).div(Math.PI / margin).floor();
    }
    return POW_OF.callTensor(-1, k).mul(sum).sub(k.mul(2));
  }
}
