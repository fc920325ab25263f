package dev.tripoint.compat.st;

import dev.tripoint.compat.batch.WholeBatch;
import dev.tripoint.loss.Loss;
import dev.tripoint.loss.LossGradient;
import dev.tripoint.loss.LossResult;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * For each anchor the farthest positive against the closest negative, log(1 + exp(d_ap − d_an)),
 * and the mean over all anchors: {@code st.BatchHardSoftMarginTripletLoss}. It is {@link
 * BatchHardTripletLoss} with softplus in place of the margin, and treats degenerate batches alike:
 * a batch of one class costs log 2, without gradient.
 *
 * @param distanceMetric gives [N, N] for embeddings [N, D]; {@link
 *     BatchHardTripletLossDistanceFunction#EUCLIDEAN_DISTANCE} by default
 */
public record BatchHardSoftMarginTripletLoss(UnaryOperator<Tensor> distanceMetric) implements Loss {

  public BatchHardSoftMarginTripletLoss() {
    this(BatchHardTripletLossDistanceFunction.EUCLIDEAN_DISTANCE);
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
        () -> BatchTriplets.hardest(embeddings, held, distanceMetric, null));
  }

  /** With a known distance the operator gives both, and nothing is recorded. */
  @Override
  public LossGradient lossAndGradient(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    Relation held = WholeBatch.require(embeddings, relation, tuples, refEmb);
    LossGradient found = BatchTriplets.hardestWithGradient(embeddings, held, distanceMetric, null);
    return found != null ? found : Loss.super.lossAndGradient(embeddings, held, null, null);
  }
}
