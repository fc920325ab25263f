package dev.tripoint.catalog;

import dev.tripoint.loss.Loss;
import dev.tripoint.loss.LossResult;
import dev.tripoint.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A loss that is ready to run, by the form of what it takes. */
public sealed interface LossForm {
  /** Takes embeddings [N, D] with labels [N]. */
  record OnBatch(Loss loss) implements LossForm {}

  /** Takes rows that belong together. */
  record OnRows(RowLoss loss) implements LossForm {}

  /** Takes scores [B, N] with a mask of the positives. */
  record OnScores(ScoreLoss loss) implements LossForm {}

  /** A loss of rows that belong together. */
  @FunctionalInterface
  interface RowLoss {
    /**
     * The loss.
     *
     * @param anchor [N, D], floating point
     * @param positive [N, D], of the same dtype
     * @param negative [N, D] likewise, or null where the loss has none
     * @param targets [N], or null where the loss has none
     */
    LossResult compute(
        Tensor anchor, Tensor positive, @Nullable Tensor negative, @Nullable Tensor targets);
  }

  /** A loss of scores. */
  @FunctionalInterface
  interface ScoreLoss {
    /**
     * The loss.
     *
     * @param scores [B, N], floating point
     * @param positiveMask [B, N], bool
     * @param ignoreMask [B, N], bool: neither positives nor negatives; null for none
     * @param distances whether the scores are distances: small is near
     * @param keepDiagonal whether the diagonal of square scores is an entry like the others
     */
    LossResult compute(
        Tensor scores,
        Tensor positiveMask,
        @Nullable Tensor ignoreMask,
        boolean distances,
        boolean keepDiagonal);
  }
}
