package dev.tripoint.compat.st;

import dev.tripoint.compat.batch.WholeBatch;
import dev.tripoint.loss.LossGradient;
import dev.tripoint.loss.LossResult;
import dev.tripoint.miner.OperatorRelation;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.BatchOperators;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the triplet losses over a batch share.
 *
 * <p>Where the distance is one of {@link BatchHardTripletLossDistanceFunction}, Tripoint's
 * operators take over, by labels and masks, which hold no [N, N] matrix. Else, as with a distance
 * of the caller's, the same rules run over the matrix.
 */
final class BatchTriplets {
  private BatchTriplets() {}

  /** A loss without statistics; of the temporaries only what it depends on stays. */
  static LossResult result(Supplier<Tensor> loss) {
    try (TensorScope scope = TensorScope.open()) {
      return new LossResult(scope.keep(loss.get()), Map.of());
    }
  }

  /**
   * Each row's farthest positive against its nearest negative, and the mean over all rows.
   *
   * @param margin null for softplus without a margin
   */
  static Tensor hardest(
      Tensor embeddings,
      Relation relation,
      UnaryOperator<Tensor> distance,
      @Nullable Double margin) {
    OperatorRelation said = OperatorRelation.ofBatch(relation, embeddings);
    if (said != null && distance instanceof BatchHardTripletLossDistanceFunction known) {
      return BatchOperators.batchHard(
          embeddings,
          said.labels(),
          margin == null ? 0 : margin,
          known.word(),
          margin == null,
          said.positiveMask(),
          said.ignoreMask());
    }
    // A row without a negative costs the margin, with no gradient, as in the source.
    Tensor violation = WholeBatch.hardest(distance.apply(embeddings), relation);
    return (margin == null ? violation.softplus() : violation.add(margin).relu()).mean();
  }

  /** The same with its gradient, where the operator can serve, else null. */
  static @Nullable LossGradient hardestWithGradient(
      Tensor embeddings,
      Relation relation,
      UnaryOperator<Tensor> distance,
      @Nullable Double margin) {
    OperatorRelation said = OperatorRelation.ofBatch(relation, embeddings);
    if (said == null || !(distance instanceof BatchHardTripletLossDistanceFunction known)) {
      return null;
    }
    return BatchOperators.batchHardWithGradient(
        embeddings,
        said.labels(),
        margin == null ? 0 : margin,
        known.word(),
        margin == null,
        said.positiveMask(),
        said.ignoreMask(),
        LossGradient::new);
  }
}
