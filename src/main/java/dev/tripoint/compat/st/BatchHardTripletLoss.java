package dev.tripoint.compat.st;

import dev.tripoint.compat.batch.WholeBatch;
import dev.tripoint.loss.Loss;
import dev.tripoint.loss.LossGradient;
import dev.tripoint.loss.LossResult;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * For each anchor the farthest positive against the closest negative, max(0, d_ap − d_an + margin),
 * and the mean over all anchors: {@code st.BatchHardTripletLoss}. The rule is that of {@link
 * dev.tripoint.compat.online.BatchHard}.
 *
 * <p>Degenerate batches as in the source: an anchor without a positive counts with d_ap = 0, and a
 * batch of one class costs the margin, without gradient. A triplet that meets its margin exactly
 * has gradient 0; the source lets it through.
 *
 * <p>With a known distance it runs on the operator {@code tripoint::batch_hard}, which needs no N²
 * memory and has no second derivative. Half-precision embeddings give a float32 loss.
 *
 * @param margin 5 by default
 * @param distanceMetric gives [N, N] for embeddings [N, D]; {@link
 *     BatchHardTripletLossDistanceFunction#EUCLIDEAN_DISTANCE} by default
 */
public record BatchHardTripletLoss(double margin, UnaryOperator<Tensor> distanceMetric)
    implements Loss {

  /**
   * @throws IllegalArgumentException if the margin is not a number
   */
  public BatchHardTripletLoss {
    Inputs.requireNumber("margin", margin);
  }

  public BatchHardTripletLoss() {
    this(5);
  }

  public BatchHardTripletLoss(double margin) {
    this(margin, BatchHardTripletLossDistanceFunction.EUCLIDEAN_DISTANCE);
  }

  public BatchHardTripletLoss withDistanceMetric(UnaryOperator<Tensor> distanceMetric) {
    return new BatchHardTripletLoss(margin, distanceMetric);
  }

  /** Takes no tuples and no references. Records nothing. */
  @Override
  public LossResult compute(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    Relation held = WholeBatch.require(embeddings, relation, tuples, refEmb);
    return BatchTriplets.result(
        () -> BatchTriplets.hardest(embeddings, held, distanceMetric, margin));
  }

  /** With a known distance the operator gives both, and nothing is recorded. */
  @Override
  public LossGradient lossAndGradient(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    Relation held = WholeBatch.require(embeddings, relation, tuples, refEmb);
    LossGradient found =
        BatchTriplets.hardestWithGradient(embeddings, held, distanceMetric, margin);
    return found != null ? found : Loss.super.lossAndGradient(embeddings, held, null, null);
  }
}
