package dev.tripoint.nn;

import dev.tripoint.tensor.Tensor;
import java.util.function.BinaryOperator;

/**
 * The norm of the difference of two vectors, row by row: {@code torch.nn.PairwiseDistance}.
 *
 * @param p the norm; 2 by default
 * @param eps added to each difference; 1e-6 by default
 * @param keepdim whether the last dimension stays, with length 1; false by default
 */
public record PairwiseDistance(double p, double eps, boolean keepdim)
    implements BinaryOperator<Tensor> {

  public PairwiseDistance() {
    this(2);
  }

  public PairwiseDistance(double p) {
    this(p, 1e-6, false);
  }

  /** The distances of floats [N, D] or [D]; see {@link Functional#pairwiseDistance}. */
  public Tensor forward(Tensor x1, Tensor x2) {
    return Functional.pairwiseDistance(x1, x2, p, eps, keepdim);
  }

  @Override
  public Tensor apply(Tensor x1, Tensor x2) {
    return forward(x1, x2);
  }
}
