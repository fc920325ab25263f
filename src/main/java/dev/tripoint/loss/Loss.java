package dev.tripoint.loss;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A loss over a batch of embeddings. One method is enough, so a lambda will do.
 *
 * <p>Source followed: {@code BaseMetricLossFunction} of pytorch-metric-learning 2.9.
 * Implementations are immutable and may be used by several threads at once. The result belongs to
 * the scope that is open on the calling thread; of the temporaries only what the backward pass
 * needs stays, and it goes with the result.
 */
@FunctionalInterface
public interface Loss {

  /**
   * Computes the loss.
   *
   * @param embeddings floats, [N, D]
   * @param labels any integers, [N]; may be null where the loss takes tuples and they are given
   * @param tuples what a miner found, or null for what the loss itself chooses
   * @param refEmb floats of the same dtype, [M, D], that positives and negatives come from; null
   *     for the embeddings
   * @param refLabels any integers, [M], or null
   * @throws IllegalArgumentException if shapes, lengths or dtypes do not fit
   */
  LossResult compute(
      Tensor embeddings,
      @Nullable Tensor labels,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb,
      @Nullable Tensor refLabels);

  /** The loss of a batch. */
  default Tensor forward(Tensor embeddings, Tensor labels) {
    return compute(embeddings, labels, null, null, null).loss();
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
}
