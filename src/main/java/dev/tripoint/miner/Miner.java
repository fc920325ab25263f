package dev.tripoint.miner;

import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/**
 * Chooses pairs or triplets of a batch. One method is enough, so a lambda will do; it need not
 * check its inputs, switch gradients off or free its temporaries when it is called by {@link
 * #forward}, which does all three:
 *
 * <pre>{@code
 * Miner all = (embeddings, refEmb, relation) -> MinerUtils.getAllTripletsIndices(relation);
 * IndexTuples found = all.forward(embeddings, labels);
 * }</pre>
 *
 * <p>Source followed: {@code BaseMiner} of pytorch-metric-learning 2.9, which takes labels alone.
 * Implementations are immutable and may be used by several threads at once.
 */
@FunctionalInterface
public interface Miner {

  /**
   * Mines. Anchors come from {@code embeddings}, positives and negatives from {@code refEmb}.
   *
   * @param embeddings floats, [N, D]
   * @param refEmb floats, [M, D]; the same object as {@code embeddings} where there are no
   *     references
   * @param relation who is a positive and who a negative of whom, [N, M]
   * @return indices, without gradient
   */
  IndexTuples mine(Tensor embeddings, Tensor refEmb, Relation relation);

  /** {@link #forward(Tensor, Relation, Tensor)} with labels, [N], and no references. */
  default IndexTuples forward(Tensor embeddings, Tensor labels) {
    return forward(embeddings, Relation.of(labels), null);
  }

  /**
   * {@link #forward(Tensor, Relation, Tensor)} with labels.
   *
   * @param embeddings floats, [N, D]
   * @param labels any integers, [N]
   * @param refEmb floats of the same dtype, [M, D], or null for the embeddings themselves
   * @param refLabels any integers, [M], or null; given exactly where refEmb is
   * @throws IllegalArgumentException if shapes, lengths or dtypes do not fit
   */
  default IndexTuples forward(
      Tensor embeddings, Tensor labels, @Nullable Tensor refEmb, @Nullable Tensor refLabels) {
    Inputs.requireBatch(embeddings, labels, refEmb, refLabels);
    if (refEmb != null && refLabels == null) {
      throw new IllegalArgumentException("refEmb was given without refLabels");
    }
    return forward(embeddings, Relation.of(labels, refLabels), refEmb);
  }

  /** {@link #forward(Tensor, Relation, Tensor)} without references. */
  default IndexTuples forward(Tensor embeddings, Relation relation) {
    return forward(embeddings, relation, null);
  }

  /**
   * Checks the batch and mines it, without gradients. Of all tensors made on the way only the
   * result stays.
   *
   * @param embeddings floats, [N, D]
   * @param relation by labels or masks, [N, M]
   * @param refEmb floats of the same dtype, [M, D], or null for the embeddings themselves
   * @throws IllegalArgumentException if shapes, lengths or dtypes do not fit
   */
  default IndexTuples forward(Tensor embeddings, Relation relation, @Nullable Tensor refEmb) {
    Relation checked = Inputs.requireBatch(embeddings, relation, refEmb);
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      IndexTuples found = mine(embeddings, refEmb == null ? embeddings : refEmb, checked);
      // A miner may hand back a tensor that it did not make; a second handle can always be kept.
      return found.map(t -> scope.keep(t.retain()));
    }
  }
}
