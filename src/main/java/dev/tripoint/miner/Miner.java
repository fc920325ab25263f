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
 * Miner all = (embeddings, labels, refEmb, refLabels) -> MinerUtils.getAllTripletsIndices(labels, refLabels);
 * IndexTuples found = all.forward(embeddings, labels);
 * }</pre>
 *
 * <p>Source followed: {@code BaseMiner} of pytorch-metric-learning 2.9. Implementations are
 * immutable and may be used by several threads at once.
 */
@FunctionalInterface
public interface Miner {

  /**
   * Mines. Anchors come from {@code embeddings}, positives and negatives from {@code refEmb}.
   * Without references the caller passes the embeddings and labels twice, as the same objects, and
   * then a row is no positive of itself.
   *
   * @param embeddings floats, [N, D]
   * @param labels any integers, [N]
   * @param refEmb floats, [M, D]
   * @param refLabels any integers, [M]
   * @return indices, without gradient
   */
  IndexTuples mine(Tensor embeddings, Tensor labels, Tensor refEmb, Tensor refLabels);

  /** {@link #forward} without references. */
  default IndexTuples mine(Tensor embeddings, Tensor labels) {
    return forward(embeddings, labels);
  }

  /** {@link #forward(Tensor, Tensor, Tensor, Tensor)} without references. */
  default IndexTuples forward(Tensor embeddings, Tensor labels) {
    return forward(embeddings, labels, null, null);
  }

  /**
   * Checks the batch and mines it, without gradients. Of all tensors made on the way only the
   * result stays.
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
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      IndexTuples found =
          mine(
              embeddings,
              labels,
              refEmb == null ? embeddings : refEmb,
              refLabels == null ? labels : refLabels);
      // A miner may hand back a tensor that it did not make; a second handle can always be kept.
      return found.map(t -> scope.keep(t.retain()));
    }
  }
}
