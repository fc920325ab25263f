package dev.tripoint.compat.st;

import dev.tripoint.nn.Functional;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.function.UnaryOperator;

/**
 * The distances of a batch to itself that the losses over a batch come with: floats [N, D] give [N,
 * N]. Any other function of that kind will do in their place. Half precision is compared in
 * float32.
 */
public enum BatchHardTripletLossDistanceFunction implements UnaryOperator<Tensor> {

  /** 1 − cosine. */
  COSINE_DISTANCE("cosine") {
    @Override
    Tensor measure(Tensor rows) {
      Tensor directions = Functional.normalize(rows);
      return directions.mm(directions.t()).rsub(1);
    }
  },

  /** The L2 distance, in the Gram form; its gradient at 0 is 0. */
  EUCLIDEAN_DISTANCE("euclidean") {
    @Override
    Tensor measure(Tensor rows) {
      Tensor squares = squares(rows);
      Tensor zero = squares.eq(0);
      // The root's gradient at 0 is infinite, so another number stands there while it is taken.
      return squares.maskedFill(zero, 1).sqrt().maskedFill(zero, 0);
    }
  },

  /** The square of the L2 distance. */
  SQUARED_EUCLIDEAN_DISTANCE("sqeuclidean") {
    @Override
    Tensor measure(Tensor rows) {
      return squares(rows);
    }
  };

  private final String word;

  BatchHardTripletLossDistanceFunction(String word) {
    this.word = word;
  }

  /** The distance's name where it is chosen by a word; Tripoint's operators have the same names. */
  public String word() {
    return word;
  }

  @Override
  public Tensor apply(Tensor embeddings) {
    try (TensorScope scope = TensorScope.open()) {
      boolean half = embeddings.dtype() == DType.FLOAT16 || embeddings.dtype() == DType.BFLOAT16;
      return scope.keep(measure(half ? embeddings.to(DType.FLOAT32) : embeddings));
    }
  }

  abstract Tensor measure(Tensor rows);

  private static Tensor squares(Tensor rows) {
    Tensor products = rows.matmul(rows.t());
    Tensor norms = products.diagonal();
    return norms.unsqueeze(0).sub(products.mul(2)).add(norms.unsqueeze(1)).clampMin(0);
  }
}
