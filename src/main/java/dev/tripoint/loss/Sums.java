package dev.tripoint.loss;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;

/**
 * Sums of exponentials over some entries of each row, as logarithms; after {@code logsumexp} of
 * {@code pytorch_metric_learning.utils.loss_and_miner_utils} 2.9.
 */
final class Sums {

  private static final Op LOG_ADD_EXP = Op.of("aten::logaddexp");

  private Sums() {}

  /**
   * log Σ exp over the entries of each row that the mask has; without any, about the lowest finite
   * number, whose exponential is 0.
   *
   * @param x floats, [N, M]
   * @param mask bool, [N, M]
   * @return [N]
   */
  static Tensor logSumExp(Tensor x, Tensor mask) {
    return x.maskedFill(mask.logicalNot(), lowest(x.dtype())).logsumexp(1, false);
  }

  /** The same, but 0 with gradient 0 for a row without any. */
  static Tensor logSumExpOrZero(Tensor x, Tensor mask) {
    return logSumExp(x, mask).maskedFill(mask.any(1, false).logicalNot(), 0);
  }

  /**
   * log(1 + exp x), exact for large x too; 0 with gradient 0 for what {@link #logSumExp} gives
   * without any entry.
   */
  static Tensor logOnePlusExp(Tensor x) {
    return logAddExp(x, Torch.zerosLike(x));
  }

  /** log(exp x + exp y), element by element. */
  static Tensor logAddExp(Tensor x, Tensor y) {
    return LOG_ADD_EXP.callTensor(x, y);
  }

  /** The lowest finite number of a floating-point type. */
  static double lowest(DType type) {
    return switch (type) {
      case FLOAT64 -> -Double.MAX_VALUE;
      case FLOAT16 -> -65504;
      case BFLOAT16 -> -0x1.FEp127;
      default -> -Float.MAX_VALUE;
    };
  }

  /** The smallest normal number above 0 of a floating-point type. */
  static double tiny(DType type) {
    return switch (type) {
      case FLOAT64 -> Double.MIN_NORMAL;
      case FLOAT16 -> 0x1p-14;
      default -> Float.MIN_NORMAL;
    };
  }
}
