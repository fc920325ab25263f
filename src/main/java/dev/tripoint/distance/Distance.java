package dev.tripoint.distance;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.function.BinaryOperator;

/**
 * A measure between embeddings. One method is enough, so a lambda will do:
 *
 * <pre>{@code
 * Distance manhattan = (query, ref) -> query.cdist(ref, 1);
 * Distance dot = Distance.similarity((query, ref) -> query.mm(ref.t()));
 * }</pre>
 *
 * <p>Source followed: {@code BaseDistance} of pytorch-metric-learning 2.9. Implementations are
 * immutable and may be used by several threads at once.
 */
@FunctionalInterface
public interface Distance {

  /**
   * All pairs.
   *
   * @param query floats, [N, D]
   * @param ref floats, [M, D]; the same object as {@code query} for a batch against itself
   * @return [N, M], entry (i, j) for row i of {@code query} and row j of {@code ref};
   *     differentiable
   */
  Tensor matrix(Tensor query, Tensor ref);

  /** Whether greater means closer, as with similarities. */
  default boolean isInverted() {
    return false;
  }

  /** The norm that rows are divided by where they are normalised. */
  default double p() {
    return 2;
  }

  /**
   * Row by row: entry i for row i of both. Here it is the diagonal of {@link #matrix}, which costs
   * N² entries; implementations that know better override it.
   *
   * @param query floats, [N, D]
   * @param ref floats, [N, D]
   * @return [N]
   */
  default Tensor pairwise(Tensor query, Tensor ref) {
    Rows.requireSameRows(query, ref);
    return matrix(query, ref).diagonal();
  }

  /** The closer of two, element by element; a tie's gradient is shared. */
  default Tensor smallestDist(Tensor x, Tensor y) {
    return isInverted() ? x.maximum(y) : x.minimum(y);
  }

  /** The farther of two, element by element; a tie's gradient is shared. */
  default Tensor largestDist(Tensor x, Tensor y) {
    return isInverted() ? x.minimum(y) : x.maximum(y);
  }

  /**
   * By how much {@code x} is farther than {@code y}: x − y, or y − x where greater means closer.
   */
  default Tensor margin(Tensor x, Tensor y) {
    return isInverted() ? y.sub(x) : x.sub(y);
  }

  /**
   * The distance that a measure of two rows makes, such as {@code nn}'s. All pairs take N · M · D
   * elements of memory.
   *
   * @param measure takes floats of shapes that broadcast and measures along the last dimension,
   *     which it drops
   */
  static Distance ofRows(BinaryOperator<Tensor> measure) {
    return new Distance() {
      @Override
      public Tensor matrix(Tensor query, Tensor ref) {
        Rows.requireMatrices(query, ref);
        try (TensorScope scope = TensorScope.open()) {
          return scope.keep(measure.apply(query.unsqueeze(1), ref.unsqueeze(0)));
        }
      }

      @Override
      public Tensor pairwise(Tensor query, Tensor ref) {
        Rows.requireSameRows(query, ref);
        return measure.apply(query, ref);
      }
    };
  }

  /** The same measure, marked as one where greater means closer. */
  static Distance similarity(Distance measure) {
    return new Distance() {
      @Override
      public Tensor matrix(Tensor query, Tensor ref) {
        return measure.matrix(query, ref);
      }

      @Override
      public Tensor pairwise(Tensor query, Tensor ref) {
        return measure.pairwise(query, ref);
      }

      @Override
      public boolean isInverted() {
        return true;
      }
    };
  }
}
