package dev.tripoint.compat.st;

import dev.tripoint.distance.Distance;
import dev.tripoint.tensor.Tensor;

/**
 * Two models' embeddings of the same texts, each among those of the other model: the mean of the
 * cross entropies both ways, as in CLIP: {@code st.ContrastiveTensionLossInBatchNegatives}. The
 * embeddings of both models are given; in the source a copy of the model makes one side.
 *
 * @param scale what similarities are multiplied by, at first; above 0, 20 by default. The source
 *     keeps its logarithm in float32
 * @param similarityFct where greater means closer; {@link SimilarityFunction#COSINE} by default
 */
public record ContrastiveTensionLossInBatchNegatives(double scale, Distance similarityFct) {

  /**
   * @throws IllegalArgumentException if the scale is not above 0 or the similarity is a distance
   */
  public ContrastiveTensionLossInBatchNegatives {
    MultipleNegativesSymmetricRankingLoss.ranking(scale, similarityFct);
  }

  public ContrastiveTensionLossInBatchNegatives() {
    this(20);
  }

  public ContrastiveTensionLossInBatchNegatives(double scale) {
    this(scale, SimilarityFunction.COSINE);
  }

  public ContrastiveTensionLossInBatchNegatives withSimilarityFct(Distance similarityFct) {
    return new ContrastiveTensionLossInBatchNegatives(scale, similarityFct);
  }

  /**
   * The loss of pairs with a fixed scale.
   *
   * @param first one model's: floats, [N, D]
   * @param second the other's: floats of the same dtype, [N, D]
   * @return a single value
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor first, Tensor second) {
    Rows.require(first, second);
    return Rows.scoped(() -> loss(similarityFct.matrix(first, second).mul(scale)));
  }

  /**
   * The loss of pairs with a scale that learns.
   *
   * @param first one model's: floats, [N, D]
   * @param second the other's: floats of the same dtype, [N, D]
   * @param logitScale the logarithm of the scale: a single value, log(20) at first
   * @return a single value
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor first, Tensor second, Tensor logitScale) {
    Rows.require(first, second);
    return Rows.scoped(() -> loss(similarityFct.matrix(first, second).mul(logitScale.exp())));
  }

  private static Tensor loss(Tensor scores) {
    Tensor own = scores.diagonal();
    Tensor there = scores.logsumexp(1, false).sub(own).mean();
    Tensor back = scores.logsumexp(0, false).sub(own).mean();
    return there.add(back).div(2);
  }
}
