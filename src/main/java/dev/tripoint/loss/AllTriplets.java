package dev.tripoint.loss;

import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A triplet margin loss over all triplets of a batch on the operator {@code tripoint::batch_all},
 * which lists none of them.
 *
 * @param distance in the operator's words
 */
record AllTriplets(TripletMarginLoss loss, LossBatch batch, OperatorDistance distance)
    implements OperatorCall {

  private static final LossOperator BATCH_ALL = LossOperator.of("tripoint::batch_all");

  /** The call that gives what the loss would give; null where the operator does not serve. */
  static @Nullable AllTriplets of(
      TripletMarginLoss loss,
      OperatorDistance distance,
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable Tensor refEmb) {
    if (loss.swap() || loss.smoothLoss()) {
      return null;
    }
    LossBatch batch = LossBatch.of(embeddings, relation, refEmb);
    return batch != null && batch.isFinite() ? new AllTriplets(loss, batch, distance) : null;
  }

  @Override
  public LossResult compute() {
    return BATCH_ALL.compute(this::record, batch.arguments(own()));
  }

  @Override
  public LossGradient lossAndGradient() {
    return batch.lossAndGradient(BATCH_ALL.raw(), own());
  }

  private @Nullable Object[] own() {
    return new Object[] {
      loss.margin(), distance.word(), distance.normalize(), OperatorReduction.word(loss.reducer())
    };
  }

  private void record(Map<String, Double> stats, List<Object> results) {
    // The operator gives first how many are above 0, and then how many there are.
    long triplets = Math.max(((Tensor) results.get(2)).itemLong(), 1);
    OperatorReduction.record(stats, "", loss.reducer(), triplets, (Tensor) results.get(1));
  }
}
