package dev.tripoint.loss;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Relation;
import dev.tripoint.regularizer.Regularizer;
import dev.tripoint.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A loss over a batch of embeddings. One method is enough, so a lambda will do.
 *
 * <p>Source followed: {@code BaseMetricLossFunction} of pytorch-metric-learning 2.9.
 * Implementations are immutable and may be used by several threads at once, unless they say
 * otherwise. The result belongs to the scope that is open on the calling thread; of the temporaries
 * only what the backward pass needs stays, and it goes with the result.
 */
@FunctionalInterface
public interface Loss {

  /**
   * Computes the loss.
   *
   * @param embeddings floats, [N, D]
   * @param relation by labels or masks, [N, M]; may be null where the loss takes tuples and they
   *     are given, or needs none
   * @param tuples what a miner found, or null for what the loss itself chooses
   * @param refEmb floats of the same dtype, [M, D], that positives and negatives come from; null
   *     for the embeddings
   * @throws IllegalArgumentException if shapes, lengths or dtypes do not fit, or the loss does not
   *     take what is given
   */
  LossResult compute(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb);

  /**
   * Computes the loss by labels.
   *
   * @param embeddings floats, [N, D]
   * @param labels any integers, [N]; may be null where the loss takes tuples and they are given, or
   *     needs none
   * @param tuples what a miner found, or null for what the loss itself chooses
   * @param refEmb floats of the same dtype, [M, D], or null for the embeddings
   * @param refLabels any integers, [M], or null
   */
  default LossResult compute(
      Tensor embeddings,
      @Nullable Tensor labels,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb,
      @Nullable Tensor refLabels) {
    if (refLabels != null && refEmb == null) {
      throw new IllegalArgumentException("refLabels were given without refEmb");
    }
    if (needsRelation()
        && tuples == null
        && (labels == null || (refEmb != null && refLabels == null))) {
      throw new IllegalArgumentException("without tuples, labels are needed for every embedding");
    }
    return compute(
        embeddings, labels == null ? null : Relation.of(labels, refLabels), tuples, refEmb);
  }

  /**
   * Whether labels, masks or tuples must say what belongs together, as with nearly all losses. One
   * that does without looks at the embeddings and references alone.
   */
  default boolean needsRelation() {
    return true;
  }

  /** The loss of a batch. */
  default Tensor forward(Tensor embeddings, Tensor labels) {
    return compute(embeddings, Relation.of(labels), null, null).loss();
  }

  /** The loss of a batch whose positives and negatives are given by labels or masks. */
  default Tensor forward(Tensor embeddings, Relation relation) {
    return compute(embeddings, relation, null, null).loss();
  }

  /** The loss of mined tuples. */
  default Tensor forward(Tensor embeddings, @Nullable Tensor labels, @Nullable IndexTuples tuples) {
    return compute(embeddings, labels, tuples, null, null).loss();
  }

  /** The loss of a batch, or of mined tuples, against references. */
  default Tensor forward(
      Tensor embeddings,
      @Nullable Tensor labels,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb,
      @Nullable Tensor refLabels) {
    return compute(embeddings, labels, tuples, refEmb, refLabels).loss();
  }

  /** This loss and, times {@code weight}, what its embeddings cost by themselves. */
  default Loss with(Regularizer regularizer, double weight) {
    return new RegularizedLoss(this, regularizer, weight);
  }
}
