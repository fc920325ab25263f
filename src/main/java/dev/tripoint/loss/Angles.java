package dev.tripoint.loss;

import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;

/** Angles of cosines. */
final class Angles {

  private static final Op ACOS = Op.of("aten::acos");

  private Angles() {}

  /**
   * The angles, in radians. At a cosine of ±1, or beyond it by rounding, where the slope is
   * infinite, the gradient is 0; the source gives NaN at ±1 and 0 beyond.
   */
  static Tensor of(Tensor cosines) {
    Tensor same = cosines.ge(1);
    Tensor opposite = cosines.le(-1);
    return ACOS.callTensor(cosines.maskedFill(same.logicalOr(opposite), 0))
        .maskedFill(same, 0)
        .maskedFill(opposite, Math.PI);
  }
}
