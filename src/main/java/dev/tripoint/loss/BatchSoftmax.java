package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.OperatorRelation;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Device;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A loss over the softmax of a batch's similarities on one of Tripoint's operators, which holds no
 * matrix of all pairs. It serves a cosine or a dot product, and reducers that make one number of
 * all losses.
 *
 * @param kind the loss in the operator's words
 * @param relation as it was given, as is {@code refEmb}
 * @param by the same in the operator's arguments
 * @param similarity in the operator's words
 */
record BatchSoftmax(
    Kind kind,
    Tensor embeddings,
    Relation relation,
    @Nullable Tensor refEmb,
    OperatorRelation by,
    OperatorDistance similarity)
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
        || relation == null
        || OperatorReduction.word(kind.reducer) == null
        || !Double.isFinite(kind.temperature)) {
      return null;
    }
    Relation held = Losses.checked(embeddings, relation, null, refEmb, true).relation();
    OperatorRelation by = held == null ? null : OperatorRelation.of(held, embeddings, refEmb);
    return by != null && serves(by, embeddings)
        ? new BatchSoftmax(kind, embeddings, relation, refEmb, by, similarity)
        : null;
  }

  private static boolean serves(OperatorRelation by, Tensor embeddings) {
    if (by.byLabels()) {
      return embeddings.device().equals(Device.CPU);
    }
    Tensor references = by.refEmb() == null ? embeddings : by.refEmb();
    return references.dtype() == embeddings.dtype()
        && OperatorDistance.serves(embeddings)
        && (references.equals(embeddings) || OperatorDistance.serves(references));
  }

  @Override
  public LossResult compute() {
    return kind.operator.compute(this::record, arguments());
  }

  /** With references autograd finds which part of the gradient is the embeddings'. */
  @Override
  public LossGradient lossAndGradient() {
    if (by.refEmb() == null) {
      return kind.operator.lossAndGradient(arguments());
    }
    boolean same = embeddings.equals(refEmb);
    return LossGradient.byAutograd(
        embeddings, leaf -> kind.loss.compute(leaf, relation, null, same ? leaf : refEmb).loss());
  }

  private @Nullable Object[] arguments() {
    return new Object[] {
      embeddings,
      by.labels(),
      kind.temperature,
      similarity.word(),
      OperatorReduction.word(kind.reducer),
      by.refEmb(),
      by.refLabels(),
      by.positiveMask(),
      by.ignoreMask()
    };
  }

  private void record(Map<String, Double> stats, List<Object> results) {
    OperatorReduction.record(stats, "", kind.reducer, results, 1);
  }
}
