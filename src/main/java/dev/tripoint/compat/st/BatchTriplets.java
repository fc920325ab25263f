package dev.tripoint.compat.st;

import dev.tripoint.compat.batch.WholeBatch;
import dev.tripoint.loss.LossGradient;
import dev.tripoint.loss.LossResult;
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
 * <p>Where labels say who is positive and the distance is one of {@link
 * BatchHardTripletLossDistanceFunction}, Tripoint's operators take over, which hold no [N, N]
 * matrix. By masks, or with a distance of the caller's, the same rules run over the matrix.
 */
final class BatchTriplets {
  private BatchTriplets() {}

  /** A loss without statistics; of the temporaries only what it depends on stays. */
  static LossResult result(Supplier<Tensor> loss) {
    try (TensorScope scope = TensorScope.open()) {
      return new LossResult(scope.keep(loss.get()), Map.of());
    }
  }

  /** The operators' word for a distance, null where they cannot serve. */
  static @Nullable String word(Relation relation, UnaryOperator<Tensor> distance) {
    return relation instanceof Relation.Labels
            && distance instanceof BatchHardTripletLossDistanceFunction known
        ? known.word()
        : null;
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
    String word = word(relation, distance);
    if (word != null) {
      Tensor labels = relation.requireLabels("this loss").labels();
      return BatchOperators.batchHard(
          embeddings, labels, margin == null ? 0 : margin, word, margin == null);
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
    String word = word(relation, distance);
    if (word == null) {
      return null;
    }
    Tensor labels = relation.requireLabels("this loss").labels();
    return BatchOperators.batchHardWithGradient(
        embeddings, labels, margin == null ? 0 : margin, word, margin == null, LossGradient::new);
  }
}
