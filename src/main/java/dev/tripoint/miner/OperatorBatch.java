package dev.tripoint.miner;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A batch in the arguments of the operators that mine one with any relation. */
record OperatorBatch(Tensor embeddings, OperatorDistance distance, OperatorRelation relation) {

  /**
   * The batch, null where the operators do not have its distance or relation, or would not give
   * what the distance's matrix does.
   */
  static @Nullable OperatorBatch of(
      Distance distance, Tensor embeddings, Tensor refEmb, Relation relation) {
    OperatorDistance known = OperatorDistance.of(distance);
    OperatorRelation said = OperatorRelation.of(relation, embeddings, refEmb);
    return known != null && said != null && said.serves(embeddings)
        ? new OperatorBatch(embeddings, known, said)
        : null;
  }

  /**
   * Calls an operator with embeddings, labels, arguments of its own, distance, and references and
   * masks.
   *
   * @return so many of its results
   */
  Tensor[] call(Op operator, int results, @Nullable Object... own) {
    @Nullable Object[] all = Arrays.copyOf(own, own.length + 2);
    all[own.length] = distance.word();
    all[own.length + 1] = distance.normalize();
    return operator.callTensors(results, relation.arguments(embeddings, all));
  }
}
