package dev.tripoint.nn;

import dev.tripoint.tensor.Tensor;
import java.util.function.BinaryOperator;

/**
 * The cosine between two vectors: {@code torch.nn.CosineSimilarity}.
 *
 * @param dim the dimension that the vectors lie along; 1 by default
 * @param eps what norms below it are replaced by; 1e-8 by default
 */
public record CosineSimilarity(long dim, double eps) implements BinaryOperator<Tensor> {

  public CosineSimilarity() {
    this(1, 1e-8);
  }

  /** The cosines of floats of one shape, or of shapes that broadcast. */
  public Tensor forward(Tensor x1, Tensor x2) {
    return Functional.cosineSimilarity(x1, x2, dim, eps);
  }

  @Override
  public Tensor apply(Tensor x1, Tensor x2) {
    return forward(x1, x2);
  }
}
