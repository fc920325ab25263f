package dev.tripoint.miner;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    if (known == null || said == null || !OperatorDistance.serves(embeddings)) {
      return null;
    }
    Tensor references = said.refEmb();
    boolean served =
        references == null || references.equals(embeddings) || OperatorDistance.serves(references);
    return served ? new OperatorBatch(embeddings, known, said) : null;
  }

  /**
   * Calls an operator with embeddings, labels, arguments of its own, distance, and references and
   * masks.
   *
   * @return so many of its results
   */
  Tensor[] call(Op operator, int results, @Nullable Object... own) {
    List<@Nullable Object> arguments = new ArrayList<>();
    arguments.add(embeddings);
    arguments.add(relation.labels());
    arguments.addAll(Arrays.asList(own));
    arguments.add(distance.word());
    arguments.add(distance.normalize());
    arguments.add(relation.refEmb());
    arguments.add(relation.refLabels());
    arguments.add(relation.positiveMask());
    arguments.add(relation.ignoreMask());
    return operator.callTensors(results, arguments.toArray());
  }
}
