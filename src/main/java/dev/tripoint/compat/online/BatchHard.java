package dev.tripoint.compat.online;

import dev.tripoint.loss.Loss;
import dev.tripoint.loss.LossResult;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * For each anchor the farthest positive against the closest negative, max(0, d_ap − d_an + margin),
 * and the mean over all anchors: {@code online.batch_hard}, the {@code batch_hard_triplet_loss} of
 * online-triplet-loss 0.0.6.
 *
 * <p>Degenerate batches as there: an anchor without a positive counts with d_ap = 0; one without a
 * negative takes as d_an what the source's arithmetic takes, so that a batch of one class costs the
 * margin. The gradient at distance zero is 0.
 *
 * <p>Runs on the operator {@code tripoint::batch_hard}, which needs no N² memory. It has no second
 * derivative: the gradient of the gradient is zero.
 *
 * @param margin has no default in the source
 * @param squared whether distances are squared; false by default
 */
public record BatchHard(double margin, boolean squared) implements Loss {

  private static final Op BATCH_HARD = Op.of("tripoint::batch_hard");

  /**
   * @throws IllegalArgumentException if the margin is not a number
   */
  public BatchHard {
    OnlineInputs.requireMargin(margin);
  }

  public BatchHard(double margin) {
    this(margin, false);
  }

  public BatchHard withSquared(boolean squared) {
    return new BatchHard(margin, squared);
  }

  /** Takes no tuples and no references. Records nothing. */
  @Override
  public LossResult compute(
      Tensor embeddings,
      @Nullable Tensor labels,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb,
      @Nullable Tensor refLabels) {
    Tensor checked = OnlineInputs.require(embeddings, labels, tuples, refEmb, refLabels);
    try (TensorScope scope = TensorScope.open()) {
      Object loss =
          BATCH_HARD.call(embeddings, checked, margin, OnlineInputs.distance(squared)).get(0);
      return new LossResult(scope.keep((Tensor) loss), Map.of());
    }
  }
}
