package dev.tripoint.loss;

import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A contrastive loss of a batch on the operator {@code tripoint::contrastive}, which holds no
 * matrix of all pairs.
 *
 * @param distance in the operator's words
 */
record BatchContrastive(
    ContrastiveLoss loss, Tensor embeddings, Tensor labels, OperatorDistance distance)
    implements OperatorCall {

  private static final LossOperator CONTRASTIVE = LossOperator.of("tripoint::contrastive");

  /** The call that gives what the loss would give; null where the operator does not serve. */
  static @Nullable BatchContrastive of(
      ContrastiveLoss loss,
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    OperatorDistance distance = OperatorDistance.of(loss.distance());
    Tensor labels = Losses.ownLabels(embeddings, relation, refEmb);
    if (distance == null
        || !distance.word().endsWith("euclidean")
        || tuples != null
        || labels == null
        || OperatorReduction.word(loss.reducer()) == null
        || !Double.isFinite(loss.posMargin())
        || !Double.isFinite(loss.negMargin())) {
      return null;
    }
    Losses.checked(embeddings, relation, null, refEmb, true);
    return OperatorDistance.serves(embeddings)
        ? new BatchContrastive(loss, embeddings, labels, distance)
        : null;
  }

  @Override
  public LossResult compute() {
    return CONTRASTIVE.compute(this::record, arguments());
  }

  @Override
  public LossGradient lossAndGradient() {
    return CONTRASTIVE.lossAndGradient(arguments());
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

  private void record(Map<String, Double> stats, List<Object> results) {
    OperatorReduction.record(stats, "pos_loss.", loss.reducer(), results, 1);
    OperatorReduction.record(stats, "neg_loss.", loss.reducer(), results, 3);
  }
}
