package dev.tripoint.loss;

import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.List;

/**
 * A loss of two views of the same things, row by row: {@code pml.SelfSupervisedLoss}. Each row is a
 * class of its own, with one positive, its other view; all other rows are negatives. The source
 * takes only losses that it lists; here any may be given that takes labels and, where it is not
 * symmetric, references.
 *
 * @param loss what is computed over both views
 * @param symmetric true, the default: both views are one batch, and each row is an anchor; false:
 *     the second view is the references of the first
 */
public record SelfSupervisedLoss(Loss loss, boolean symmetric) {

  public SelfSupervisedLoss(Loss loss) {
    this(loss, true);
  }

  public SelfSupervisedLoss withSymmetric(boolean symmetric) {
    return new SelfSupervisedLoss(loss, symmetric);
  }

  /**
   * Computes the loss.
   *
   * @param embeddings floats, [N, D]
   * @param refEmb floats of the same dtype, [N, D]: row by row another view of the same things
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public LossResult compute(Tensor embeddings, Tensor refEmb) {
    Inputs.requireBatch(embeddings, null, refEmb, null);
    long rows = embeddings.size(0);
    if (refEmb.size(0) != rows) {
      throw new IllegalArgumentException(
          "two views need as many rows each, but have %d and %d".formatted(rows, refEmb.size(0)));
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor labels = Torch.arange(rows);
      // Labels and a handle of their own say that the second view is not the batch itself.
      LossResult result =
          symmetric
              ? loss.compute(
                  Torch.cat(List.of(embeddings, refEmb), 0),
                  Relation.of(Torch.cat(List.of(labels, labels), 0)),
                  null,
                  null)
              : loss.compute(
                  embeddings, Relation.of(labels, Torch.arange(rows)), null, refEmb.retain());
      return new LossResult(scope.keep(result.loss().retain()), result.stats());
    }
  }

  /** The loss alone. */
  public Tensor forward(Tensor embeddings, Tensor refEmb) {
    return compute(embeddings, refEmb).loss();
  }
}
