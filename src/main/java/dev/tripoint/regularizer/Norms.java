package dev.tripoint.regularizer;

import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import java.util.function.UnaryOperator;

/** What regularizers need of norms. */
final class Norms {

  private static final Op VECTOR_NORM = Op.of("aten::linalg_vector_norm");

  private Norms() {}

  /** The p-norm of each row, [N]; gradient 0 at a row of zeros. */
  static Tensor of(Tensor rows, double p) {
    return VECTOR_NORM.callTensor(rows, p, new long[] {1}, false, null);
  }

  /** A function of what is above 0; 0 with gradient 0 elsewhere. */
  static Tensor aboveZero(Tensor x, UnaryOperator<Tensor> function) {
    Tensor none = x.le(0);
    return function.apply(x.maskedFill(none, 1)).maskedFill(none, 0);
  }
}
