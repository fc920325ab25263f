package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Device;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A loss over the softmax of a batch's similarities to itself on one of Tripoint's operators, which
 * holds no matrix of all pairs. It serves labels on the CPU, a cosine or a dot product, and
 * reducers that make one number of all losses.
 *
 * @param operator {@link #NT_XENT} or {@link #SUP_CON}
 * @param similarity in the operator's word
 */
record BatchSoftmax(
    LossOperator operator,
    Tensor embeddings,
    Tensor labels,
    double temperature,
    String similarity,
    Reducer reducer)
    implements OperatorCall {

  static final LossOperator NT_XENT = LossOperator.of("tripoint::nt_xent");
  static final LossOperator SUP_CON = LossOperator.of("tripoint::sup_con");

  /** The call for a loss of these; null where the operator does not serve. */
  static @Nullable BatchSoftmax of(
      LossOperator operator,
      double temperature,
      Distance distance,
      Reducer reducer,
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    OperatorDistance known = OperatorDistance.of(distance);
    Tensor labels = Losses.ownLabels(embeddings, relation, refEmb);
    if (known == null
        || !distance.isInverted()
        || tuples != null
        || labels == null
        || OperatorReduction.word(reducer) == null
        || !Double.isFinite(temperature)
        || !embeddings.device().equals(Device.CPU)) {
      return null;
    }
    Losses.checked(embeddings, relation, null, refEmb, true);
    return new BatchSoftmax(operator, embeddings, labels, temperature, known.word(), reducer);
  }

  @Override
  public LossResult compute() {
    return operator.compute(this::record, arguments());
  }

  @Override
  public LossGradient lossAndGradient() {
    return operator.lossAndGradient(arguments());
  }

  private @Nullable Object[] arguments() {
    return new Object[] {
      embeddings, labels, temperature, similarity, OperatorReduction.word(reducer)
    };
  }

  private void record(Map<String, Double> stats, List<Object> results) {
    OperatorReduction.record(stats, "", reducer, results, 1);
  }
}
