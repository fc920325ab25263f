package dev.tripoint.compat.st;

import dev.tripoint.miner.Inputs;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Arrays;
import java.util.function.Supplier;

/** What the losses over rows that belong together share. */
final class Rows {
  private Rows() {}

  /** Checks that matrices are floats of one shape and dtype, [N, D]. */
  static void require(Tensor anchor, Tensor positive, Tensor... negatives) {
    Inputs.requireFloatMatrix("anchor", anchor);
    requireLike("positive", positive, anchor);
    for (Tensor negative : negatives) {
      requireLike("negative", negative, anchor);
    }
  }

  private static void requireLike(String name, Tensor rows, Tensor anchor) {
    Inputs.requireFloatMatrix(name, rows);
    if (!Arrays.equals(rows.sizes(), anchor.sizes()) || rows.dtype() != anchor.dtype()) {
      throw new IllegalArgumentException(
          "%s must be of the shape and dtype of anchor, but is %s of shape %s against %s of shape %s"
              .formatted(
                  name,
                  rows.dtype().torchName(),
                  Arrays.toString(rows.sizes()),
                  anchor.dtype().torchName(),
                  Arrays.toString(anchor.sizes())));
    }
  }

  /** Checks that there is one target for each row, and gives them as [N]. */
  static Tensor requireTargets(Tensor targets, Tensor anchor) {
    if (targets.numel() != anchor.size(0)) {
      throw new IllegalArgumentException(
          "targets must have one entry for each row, but have the shape %s for %d rows"
              .formatted(Arrays.toString(targets.sizes()), anchor.size(0)));
    }
    return targets.reshape(-1);
  }

  /** Runs a loss; of its temporaries only what it depends on stays. */
  static Tensor scoped(Supplier<Tensor> loss) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(loss.get());
    }
  }

  /** Half precision as float32, other rows as they are. */
  static Tensor widened(Tensor rows) {
    boolean half = rows.dtype() == DType.FLOAT16 || rows.dtype() == DType.BFLOAT16;
    return half ? rows.to(DType.FLOAT32) : rows;
  }
}
