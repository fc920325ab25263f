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

  /**
   * The loss of a batch and its gradient by the embeddings in one call: the numbers of {@link
   * #forward(Tensor, Tensor)} and {@link Tensor#backward()}, to the bit.
   *
   * <p>Losses whose operator finds the gradient anyway, those that say so, record nothing for
   * autograd and hold nothing for a backward pass. The others find it by autograd, on a graph that
   * is gone when the call returns. Either way the embeddings need not require a gradient, their
   * {@link Tensor#grad()} is left alone, and neither result requires one. A graph goes on from the
   * embeddings by {@code embeddings.backward(found.gradient(), false, false)}.
   *
   * <p>May be called by several threads at once where the loss may be computed so. The results
   * belong to the scope that is open on the calling thread.
   *
   * @param embeddings floats, [N, D]
   * @param labels any integers, [N]
   * @throws IllegalArgumentException as the loss
   * @throws dev.tripoint.tensor.TensorException if the loss is not a single value, or as the loss
   * @throws IllegalStateException in inference mode, where autograd is needed
   */
  default LossGradient lossAndGradient(Tensor embeddings, Tensor labels) {
    return lossAndGradient(embeddings, Relation.of(labels), null, null);
  }

  /**
   * The loss of a batch, or of mined tuples, and its gradient by the embeddings; see {@link
   * #lossAndGradient(Tensor, Tensor)}. References get no gradient here, nor do weights that the
   * loss learns; references that are the same object as the embeddings count with them.
   *
   * @param embeddings floats, [N, D]
   * @param relation as for {@link #compute}
   * @param tuples as for {@link #compute}
   * @param refEmb as for {@link #compute}
   */
  default LossGradient lossAndGradient(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    boolean same = embeddings.equals(refEmb);
    return LossGradient.byAutograd(
        embeddings, leaf -> compute(leaf, relation, tuples, same ? leaf : refEmb).loss());
  }

  /** This loss and, times {@code weight}, what its embeddings cost by themselves. */
  default Loss with(Regularizer regularizer, double weight) {
    return new RegularizedLoss(this, regularizer, weight);
  }
}
