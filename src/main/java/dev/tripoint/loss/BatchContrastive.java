package dev.tripoint.loss;

import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A contrastive loss of a batch on the operator {@code tripoint::contrastive}, which holds no
 * matrix of all pairs.
 *
 * @param distance in the operator's words
 */
record BatchContrastive(
    ContrastiveLoss loss, Tensor embeddings, Tensor labels, OperatorDistance distance) {

  private static final Op FACE = Op.of("tripoint::contrastive");
  private static final Op RAW = Op.of("tripoint::contrastive_raw");

  /** The call that gives what the loss would give; empty where the operator does not serve. */
  static Optional<BatchContrastive> of(
      ContrastiveLoss loss,
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    if (tuples != null
        || !(relation instanceof Relation.Labels by && by.self())
        || !(refEmb == null || refEmb.equals(embeddings))
        || OperatorReduction.word(loss.reducer()) == null
        || !Double.isFinite(loss.posMargin())
        || !Double.isFinite(loss.negMargin())) {
      return Optional.empty();
    }
    OperatorDistance distance = OperatorDistance.of(loss.distance());
    if (distance == null || !distance.word().endsWith("euclidean")) {
      return Optional.empty();
    }
    Losses.checked(embeddings, relation, null, refEmb, true);
    return OperatorDistance.serves(embeddings)
        ? Optional.of(new BatchContrastive(loss, embeddings, by.labels(), distance))
        : Optional.empty();
  }

  /** The loss, with what its reducer records of both sides. */
  LossResult compute() {
    try (TensorScope scope = TensorScope.open()) {
      List<Object> found = FACE.call(arguments());
      Map<String, Double> stats = new LinkedHashMap<>();
      OperatorReduction.record(
          stats, "pos_loss.", loss.reducer(), (Tensor) found.get(1), (Tensor) found.get(2));
      OperatorReduction.record(
          stats, "neg_loss.", loss.reducer(), (Tensor) found.get(3), (Tensor) found.get(4));
      return new LossResult(scope.keep((Tensor) found.getFirst()), stats);
    }
  }

  LossGradient lossAndGradient() {
    return LossGradient.from(RAW, arguments());
  }

  private @Nullable Object[] arguments() {
    return new Object[] {
      embeddings,
      labels,
      loss.posMargin(),
      loss.negMargin(),
      distance.word(),
      distance.normalize(),
      OperatorReduction.word(loss.reducer())
    };
  }
}
