package dev.tripoint.compat.st;

import dev.tripoint.distance.Distance;
import dev.tripoint.tensor.Tensor;

/**
 * {@link MultipleNegativesSymmetricRankingLoss} in blocks, with {@code miniBatchSize} rows of
 * scores held at a time: {@code st.CachedMultipleNegativesSymmetricRankingLoss}. There is no second
 * derivative.
 *
 * @param scale what similarities are multiplied by; above 0, 20 by default
 * @param similarityFct where greater means closer; {@link SimilarityFunction#COSINE} by default
 * @param miniBatchSize how many rows a block has; 32 by default
 */
public record CachedMultipleNegativesSymmetricRankingLoss(
    double scale, Distance similarityFct, long miniBatchSize) {

  /**
   * @throws IllegalArgumentException if the scale is not above 0, the similarity is a distance or
   *     the size is below 1
   */
  public CachedMultipleNegativesSymmetricRankingLoss {
    cached(scale, similarityFct, miniBatchSize);
  }

  public CachedMultipleNegativesSymmetricRankingLoss() {
    this(20);
  }

  public CachedMultipleNegativesSymmetricRankingLoss(double scale) {
    this(scale, SimilarityFunction.COSINE, 32);
  }

  public CachedMultipleNegativesSymmetricRankingLoss withSimilarityFct(Distance similarityFct) {
    return new CachedMultipleNegativesSymmetricRankingLoss(scale, similarityFct, miniBatchSize);
  }

  public CachedMultipleNegativesSymmetricRankingLoss withMiniBatchSize(long miniBatchSize) {
    return new CachedMultipleNegativesSymmetricRankingLoss(scale, similarityFct, miniBatchSize);
  }

  /** The loss of rows, as {@link MultipleNegativesRankingLoss#forward}. */
  public Tensor forward(Tensor anchor, Tensor positive, Tensor... negatives) {
    return cached(scale, similarityFct, miniBatchSize).forward(anchor, positive, negatives);
  }

  private static CachedMultipleNegativesRankingLoss cached(
      double scale, Distance similarityFct, long miniBatchSize) {
    return new CachedMultipleNegativesRankingLoss(
        MultipleNegativesSymmetricRankingLoss.ranking(scale, similarityFct), miniBatchSize);
  }
}
