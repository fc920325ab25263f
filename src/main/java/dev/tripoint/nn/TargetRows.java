package dev.tripoint.nn;

import dev.tripoint.tensor.Tensor;
import java.util.Arrays;

/** What the losses with a target for each pair ask of their inputs. */
final class TargetRows {

  private TargetRows() {}

  static void requireMargin(double margin) {
    if (Double.isNaN(margin)) {
      throw new IllegalArgumentException("margin must be a number, but is NaN");
    }
  }

  static void require(Tensor x1, Tensor x2) {
    if (!x1.dtype().isFloatingPoint()
        || !x2.dtype().isFloatingPoint()
        || !Arrays.equals(x1.sizes(), x2.sizes())) {
      throw new IllegalArgumentException(
          "x1 and x2 must be floats of one shape, but are %s of shape %s and %s of shape %s"
              .formatted(
                  x1.dtype().torchName(),
                  Arrays.toString(x1.sizes()),
                  x2.dtype().torchName(),
                  Arrays.toString(x2.sizes())));
    }
  }

  /** A target for each row, or one for a single vector. */
  static void requireOneEach(Tensor x1, Tensor target) {
    if (x1.dim() < 1
        || x1.dim() > 2
        || target.dim() != x1.dim() - 1
        || (target.dim() == 1 && target.size(0) != x1.size(0))) {
      throw refused(
          "x1 must be of shape [N, D] and target of [N], or [D] and a single one", x1, target);
    }
  }

  /** As many dimensions, and each length equal or 1. */
  static void requireBroadcast(Tensor x1, Tensor target) {
    long[] sizes = x1.sizes();
    long[] wanted = target.sizes();
    boolean fits = sizes.length == wanted.length;
    for (int i = 0; fits && i < sizes.length; i++) {
      fits = sizes[i] == wanted[i] || wanted[i] == 1;
    }
    if (!fits) {
      throw refused("target must have the shape of x1, or 1 in place of a length", x1, target);
    }
  }

  private static IllegalArgumentException refused(String wanted, Tensor x1, Tensor target) {
    return new IllegalArgumentException(
        "%s, but they have %s and %s"
            .formatted(wanted, Arrays.toString(x1.sizes()), Arrays.toString(target.sizes())));
  }
}
