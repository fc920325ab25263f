package dev.tripoint.compat.st;

import dev.tripoint.compat.st.MultipleNegativesRankingLoss.Direction;
import dev.tripoint.compat.st.MultipleNegativesRankingLoss.PartitionMode;
import dev.tripoint.distance.Distance;
import dev.tripoint.tensor.Tensor;
import java.util.EnumSet;

/**
 * The mean of two ranking losses, queries among documents and documents among queries: {@code
 * st.MultipleNegativesSymmetricRankingLoss}. It is {@link MultipleNegativesRankingLoss} with {@link
 * Direction#QUERY_TO_DOC} and {@link Direction#DOC_TO_QUERY}, {@link PartitionMode#PER_DIRECTION}.
 *
 * @param scale what similarities are multiplied by; above 0, 20 by default
 * @param similarityFct where greater means closer; {@link SimilarityFunction#COSINE} by default
 */
public record MultipleNegativesSymmetricRankingLoss(double scale, Distance similarityFct) {

  /**
   * @throws IllegalArgumentException if the scale is not above 0 or the similarity is a distance
   */
  public MultipleNegativesSymmetricRankingLoss {
    ranking(scale, similarityFct);
  }

  public MultipleNegativesSymmetricRankingLoss() {
    this(20);
  }

  public MultipleNegativesSymmetricRankingLoss(double scale) {
    this(scale, SimilarityFunction.COSINE);
  }

  public MultipleNegativesSymmetricRankingLoss withSimilarityFct(Distance similarityFct) {
    return new MultipleNegativesSymmetricRankingLoss(scale, similarityFct);
  }

  /** The loss of rows, as {@link MultipleNegativesRankingLoss#forward}. */
  public Tensor forward(Tensor anchor, Tensor positive, Tensor... negatives) {
    return ranking(scale, similarityFct).forward(anchor, positive, negatives);
  }

  static MultipleNegativesRankingLoss ranking(double scale, Distance similarityFct) {
    return new MultipleNegativesRankingLoss(scale)
        .withSimilarityFct(similarityFct)
        .with(
            EnumSet.of(Direction.QUERY_TO_DOC, Direction.DOC_TO_QUERY),
            PartitionMode.PER_DIRECTION);
  }
}
