package dev.tripoint.compat.st;

import dev.tripoint.nn.Functional;
import dev.tripoint.tensor.Tensor;
import java.util.function.BinaryOperator;

/**
 * The distances, row by row, that {@link ContrastiveLoss} and {@link OnlineContrastiveLoss} come
 * with. Any other function of two matrices [N, D] to [N] will do in their place.
 */
public enum SiameseDistanceMetric implements BinaryOperator<Tensor> {

  /** The L2 distance, 1e-6 added to each difference: {@code torch.nn.PairwiseDistance}. */
  EUCLIDEAN("euclidean") {
    @Override
    public Tensor apply(Tensor x, Tensor y) {
      return Functional.pairwiseDistance(x, y);
    }
  },

  /** The L1 distance, 1e-6 added to each difference. */
  MANHATTAN("manhattan") {
    @Override
    public Tensor apply(Tensor x, Tensor y) {
      return Functional.pairwiseDistance(x, y, 1, 1e-6, false);
    }
  },

  /** 1 − {@code torch.cosine_similarity}. */
  COSINE_DISTANCE("cosine") {
    @Override
    public Tensor apply(Tensor x, Tensor y) {
      return Rows.scoped(() -> Functional.cosineSimilarity(x, y).rsub(1));
    }
  };

  private final String word;

  SiameseDistanceMetric(String word) {
    this.word = word;
  }

  /** The distance's name where it is chosen by a word. */
  public String word() {
    return word;
  }
}
