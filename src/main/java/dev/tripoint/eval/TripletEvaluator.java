package dev.tripoint.eval;

import dev.tripoint.tensor.Tensor;

/**
 * The share of triplets whose positive is more similar to the anchor than the negative is: {@code
 * TripletEvaluator} of sentence-transformers 6.2 over matrices.
 *
 * @param similarity what is compared; cosine by default
 * @param margin by how much more; 0 by default
 */
public record TripletEvaluator(SimilarityFunction similarity, double margin) {

  /** By cosine, without a margin. */
  public TripletEvaluator() {
    this(SimilarityFunction.COSINE, 0);
  }

  /**
   * The share, in [0, 1]; NaN of no triplets.
   *
   * @param anchors floats, [N, D], finite
   * @param positives floats, [N, D], finite
   * @param negatives floats, [N, D], finite
   */
  public double evaluate(Tensor anchors, Tensor positives, Tensor negatives) {
    double[] near = PairScores.of(similarity, anchors, positives);
    double[] far = PairScores.of(similarity, anchors, negatives);
    int sign = similarity.isSimilarity() ? 1 : -1;
    int right = 0;
    for (int i = 0; i < near.length; i++) {
      right += sign * near[i] > sign * far[i] + margin ? 1 : 0;
    }
    return (double) right / near.length;
  }
}
