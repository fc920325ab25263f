package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Device;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A loss over the softmax of a batch's similarities to itself on one of Tripoint's operators, which
 * holds no matrix of all pairs. It serves labels on the CPU, a cosine or a dot product, and
 * reducers that make one number of all losses.
 */
final class BatchSoftmax {

  static final BatchSoftmax NT_XENT = new BatchSoftmax("tripoint::nt_xent");
  static final BatchSoftmax SUP_CON = new BatchSoftmax("tripoint::sup_con");

  private final Op face;
  private final Op raw;

  private BatchSoftmax(String name) {
    face = Op.of(name);
    raw = Op.of(name + "_raw");
  }

  /** A call of the operator that gives what a loss would give. */
  record Call(
      BatchSoftmax operator,
      Tensor embeddings,
      Tensor labels,
      double temperature,
      String similarity,
      Reducer reducer) {

    /** The loss, with what its reducer records. */
    LossResult compute() {
      try (TensorScope scope = TensorScope.open()) {
        List<Object> found =
            operator.face.call(
                embeddings, labels, temperature, similarity, OperatorReduction.word(reducer));
        Map<String, Double> stats = new LinkedHashMap<>();
        OperatorReduction.record(stats, "", reducer, (Tensor) found.get(1), (Tensor) found.get(2));
        return new LossResult(scope.keep((Tensor) found.getFirst()), stats);
      }
    }

    LossGradient lossAndGradient() {
      return LossGradient.from(
          operator.raw,
          embeddings,
          labels,
          temperature,
          similarity,
          OperatorReduction.word(reducer));
    }
  }

  /** The call for a loss of these; empty where the operator does not serve. */
  Optional<Call> call(
      double temperature,
      Distance distance,
      Reducer reducer,
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    if (tuples != null
        || !(relation instanceof Relation.Labels by && by.self())
        || !(refEmb == null || refEmb.equals(embeddings))
        || OperatorReduction.word(reducer) == null
        || !Double.isFinite(temperature)) {
      return Optional.empty();
    }
    String similarity = similarity(distance);
    if (similarity == null || !embeddings.device().equals(Device.CPU)) {
      return Optional.empty();
    }
    Losses.checked(embeddings, relation, null, refEmb, true);
    return Optional.of(new Call(this, embeddings, by.labels(), temperature, similarity, reducer));
  }

  private static @Nullable String similarity(Distance distance) {
    OperatorDistance known = OperatorDistance.of(distance);
    return known != null && distance.isInverted() ? known.word() : null;
  }
}
