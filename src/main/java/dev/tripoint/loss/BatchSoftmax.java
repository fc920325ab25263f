package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A loss over the softmax of a batch's similarities on one of Tripoint's operators. It serves a
 * cosine or a dot product, and reducers that make one number of all losses.
 *
 * @param kind the loss in the operator's words
 * @param similarity in the operator's words
 */
record BatchSoftmax(Kind kind, LossBatch batch, OperatorDistance similarity)
    implements OperatorCall {

  static final LossOperator NT_XENT = LossOperator.of("tripoint::nt_xent");
  static final LossOperator SUP_CON = LossOperator.of("tripoint::sup_con");

  /**
   * A loss that an operator may compute.
   *
   * @param operator {@link #NT_XENT} or {@link #SUP_CON}
   */
  record Kind(
      MetricLoss loss,
      LossOperator operator,
      double temperature,
      Distance distance,
      Reducer reducer) {}

  /** The call that gives what the loss would give; null where the operator does not serve. */
  static @Nullable BatchSoftmax of(
      Kind kind,
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    OperatorDistance similarity = OperatorDistance.of(kind.distance);
    if (similarity == null
        || !kind.distance.isInverted()
        || tuples != null
        || OperatorReduction.word(kind.reducer) == null
        || !Double.isFinite(kind.temperature)) {
      return null;
    }
    LossBatch batch = LossBatch.of(embeddings, relation, refEmb);
    // By labels the operator gives what the source does of rows that are not finite too.
    boolean serves = batch != null && (batch.by().byLabels() || batch.isFinite());
    return serves ? new BatchSoftmax(kind, batch, similarity) : null;
  }

  @Override
  public LossResult compute() {
    return kind.operator.compute(this::record, batch.arguments(own()));
  }

  @Override
  public LossGradient lossAndGradient() {
    return batch.lossAndGradient(kind.operator.raw(), own());
  }

  private @Nullable Object[] own() {
    return new Object[] {kind.temperature, similarity.word(), OperatorReduction.word(kind.reducer)};
  }

  private void record(Map<String, Double> stats, List<Object> results) {
    OperatorReduction.record(stats, "", kind.reducer, results, 1);
  }
}
