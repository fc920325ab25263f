package dev.tripoint.nn;

import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/**
 * {@code torch.nn.functional}: PyTorch's names, defaults and shapes. All are differentiable and run
 * on LibTorch's own operators.
 */
public final class Functional {

  private static final Op VECTOR_NORM = Op.of("aten::linalg_vector_norm");
  private static final Op PAIRWISE_DISTANCE = Op.of("aten::pairwise_distance");
  private static final Op COSINE_SIMILARITY = Op.of("aten::cosine_similarity");
  private static final Op TRIPLET_MARGIN_LOSS = Op.of("aten::triplet_margin_loss");
  private static final Op COSINE_EMBEDDING_LOSS = Op.of("aten::cosine_embedding_loss");
  private static final Op MARGIN_RANKING_LOSS = Op.of("aten::margin_ranking_loss");
  private static final Op CROSS_ENTROPY_LOSS = Op.of("aten::cross_entropy_loss");
  private static final Op LINEAR = Op.of("aten::linear");

  private Functional() {}

  /** {@link #normalize(Tensor, double, long, double)} with p 2, dim 1 and eps 1e-12. */
  public static Tensor normalize(Tensor x) {
    return normalize(x, 2, 1, 1e-12);
  }

  /**
   * Divides by the norm along a dimension.
   *
   * @param x floats, any shape that has {@code dim}
   * @param p the norm
   * @param dim which dimension
   * @param eps what norms below it are replaced by
   */
  public static Tensor normalize(Tensor x, double p, long dim, double eps) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor norm = VECTOR_NORM.callTensor(x, p, new long[] {dim}, true, null);
      return scope.keep(x.div(norm.clampMin(eps)));
    }
  }

  /**
   * {@link #pairwiseDistance(Tensor, Tensor, double, double, boolean)} with p 2, eps 1e-6 and no
   * kept dimension.
   */
  public static Tensor pairwiseDistance(Tensor x1, Tensor x2) {
    return pairwiseDistance(x1, x2, 2, 1e-6, false);
  }

  /**
   * The norm of the difference of two vectors, row by row.
   *
   * @param x1 floats, [N, D] or [D]
   * @param x2 floats, of the same shape or one that broadcasts
   * @param p the norm
   * @param eps added to each difference, so identical rows are not at distance 0
   * @param keepdim whether the last dimension stays, with length 1
   */
  public static Tensor pairwiseDistance(
      Tensor x1, Tensor x2, double p, double eps, boolean keepdim) {
    return PAIRWISE_DISTANCE.callTensor(x1, x2, p, eps, keepdim);
  }

  /** {@link #cosineSimilarity(Tensor, Tensor, long, double)} with dim 1 and eps 1e-8. */
  public static Tensor cosineSimilarity(Tensor x1, Tensor x2) {
    return cosineSimilarity(x1, x2, 1, 1e-8);
  }

  /**
   * The cosine between two vectors along a dimension.
   *
   * @param x1 floats
   * @param x2 floats, of the same shape or one that broadcasts
   * @param dim which dimension
   * @param eps what norms below it are replaced by
   */
  public static Tensor cosineSimilarity(Tensor x1, Tensor x2, long dim, double eps) {
    return COSINE_SIMILARITY.callTensor(x1, x2, dim, eps);
  }

  /**
   * max(0, d(a, p) − d(a, n) + margin) with {@link #pairwiseDistance} as d, row by row; see {@link
   * TripletMarginLoss}.
   *
   * @param anchor floats, [N, D] or [D]
   * @param positive floats, of the same shape or one that broadcasts
   * @param negative floats, of the same shape or one that broadcasts
   * @throws IllegalArgumentException if shapes or dtypes do not fit, or the margin is not above 0
   */
  public static Tensor tripletMarginLoss(
      Tensor anchor,
      Tensor positive,
      Tensor negative,
      double margin,
      double p,
      double eps,
      boolean swap,
      Reduction reduction) {
    TripletRows.requireMargin(margin);
    TripletRows.require(anchor, positive, negative);
    return TRIPLET_MARGIN_LOSS.callTensor(
        anchor, positive, negative, margin, p, eps, swap, (long) reduction.code());
  }

  /**
   * 1 − cosine where the target is 1, max(0, cosine − margin) where it is −1; see {@link
   * CosineEmbeddingLoss}.
   *
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public static Tensor cosineEmbeddingLoss(
      Tensor x1, Tensor x2, Tensor target, double margin, Reduction reduction) {
    TargetRows.require(x1, x2);
    TargetRows.requireOneEach(x1, target);
    return COSINE_EMBEDDING_LOSS.callTensor(x1, x2, target, margin, (long) reduction.code());
  }

  /**
   * max(0, −target (x1 − x2) + margin); see {@link MarginRankingLoss}.
   *
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public static Tensor marginRankingLoss(
      Tensor x1, Tensor x2, Tensor target, double margin, Reduction reduction) {
    TargetRows.require(x1, x2);
    TargetRows.requireBroadcast(x1, target);
    return MARGIN_RANKING_LOSS.callTensor(x1, x2, target, margin, (long) reduction.code());
  }

  /** {@link #crossEntropy(Tensor, Tensor, Reduction)} with the mean. */
  public static Tensor crossEntropy(Tensor input, Tensor target) {
    return crossEntropy(input, target, Reduction.MEAN);
  }

  /**
   * Cross entropy of logits.
   *
   * @param input floats, [N, C], logits
   * @param target int64, [N], classes from 0; −100 marks rows that do not count
   */
  public static Tensor crossEntropy(Tensor input, Tensor target, Reduction reduction) {
    return CROSS_ENTROPY_LOSS.callTensor(input, target, null, (long) reduction.code());
  }

  /** max(0, x). */
  public static Tensor relu(Tensor x) {
    return x.relu();
  }

  /**
   * x · weightᵀ + bias.
   *
   * @param x floats, [*, in]
   * @param weight floats, [out, in]
   * @param bias floats, [out], or null
   */
  public static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
    return LINEAR.callTensor(x, weight, bias);
  }
}
