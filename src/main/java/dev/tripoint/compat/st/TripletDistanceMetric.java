package dev.tripoint.compat.st;

import dev.tripoint.tensor.Tensor;
import java.util.function.BinaryOperator;

/**
 * The distances, row by row, that {@link TripletLoss} comes with. Any other function of two
 * matrices [N, D] to [N] will do in their place. Unlike {@link SiameseDistanceMetric}, nothing is
 * added to the differences.
 */
public enum TripletDistanceMetric implements BinaryOperator<Tensor> {

  /** 1 − cosine. */
  COSINE("cosine") {
    @Override
    public Tensor apply(Tensor x, Tensor y) {
      return Rows.scoped(() -> SimilarityFunction.COSINE.pairwise(x, y).rsub(1));
    }
  },

  /** The L2 distance. */
  EUCLIDEAN("euclidean") {
    @Override
    public Tensor apply(Tensor x, Tensor y) {
      return Rows.scoped(() -> SimilarityFunction.EUCLIDEAN.pairwise(x, y).neg());
    }
  },

  /** The L1 distance. */
  MANHATTAN("manhattan") {
    @Override
    public Tensor apply(Tensor x, Tensor y) {
      return Rows.scoped(() -> SimilarityFunction.MANHATTAN.pairwise(x, y).neg());
    }
  };

  private final String word;

  TripletDistanceMetric(String word) {
    this.word = word;
  }

  /** The distance's name where it is chosen by a word. */
  public String word() {
    return word;
  }
}
