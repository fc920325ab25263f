package dev.tripoint.loss;

import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.OperatorRelation;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A contrastive loss of a batch on the operator {@code tripoint::contrastive}, which holds no
 * matrix of all pairs.
 *
 * @param relation as it was given, as is {@code refEmb}
 * @param by the same in the operator's arguments
 * @param distance in the operator's words
 */
record BatchContrastive(
    ContrastiveLoss loss,
    Tensor embeddings,
    Relation relation,
    @Nullable Tensor refEmb,
    OperatorRelation by,
    OperatorDistance distance)
    implements OperatorCall {

  private static final LossOperator CONTRASTIVE = LossOperator.of("tripoint::contrastive");
  private static final String POSITIVES = "pos_loss.";
  private static final String NEGATIVES = "neg_loss.";

  /** The call that gives what the loss would give; null where the operator does not serve. */
  static @Nullable BatchContrastive of(
      ContrastiveLoss loss,
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    OperatorDistance distance = OperatorDistance.of(loss.distance());
    if (distance == null
        || !distance.word().endsWith("euclidean")
        || tuples != null
        || relation == null
        || OperatorReduction.word(loss.reducer()) == null
        || !Double.isFinite(loss.posMargin())
        || !Double.isFinite(loss.negMargin())) {
      return null;
    }
    Relation held = Losses.checked(embeddings, relation, null, refEmb, true).relation();
    OperatorRelation by = held == null ? null : OperatorRelation.of(held, embeddings, refEmb);
    return by != null && OperatorDistance.serves(embeddings) && serves(embeddings, by.refEmb())
        ? new BatchContrastive(loss, embeddings, relation, refEmb, by, distance)
        : null;
  }

  private static boolean serves(Tensor embeddings, @Nullable Tensor references) {
    return references == null
        || (references.dtype() == embeddings.dtype() && OperatorDistance.serves(references));
  }

  @Override
  public LossResult compute() {
    LossResult found = CONTRASTIVE.compute(this::record, arguments());
    if (!by.byLabels() && isAtMostOne(found, POSITIVES) && isAtMostOne(found, NEGATIVES)) {
      // Too few to learn from, by the source's rule.
      found.loss().close();
      return Losses.ofTerms(loss, embeddings, relation, null, refEmb);
    }
    return found;
  }

  private static boolean isAtMostOne(LossResult found, String side) {
    return found.stats().getOrDefault(side + OperatorReduction.LOSSES, 0.0) <= 1;
  }

  /** By references and masks autograd finds which part of the gradient is the embeddings'. */
  @Override
  public LossGradient lossAndGradient() {
    if (by.byLabels()) {
      return CONTRASTIVE.lossAndGradient(arguments());
    }
    boolean same = embeddings.equals(refEmb);
    return LossGradient.byAutograd(
        embeddings, leaf -> loss.compute(leaf, relation, null, same ? leaf : refEmb).loss());
  }

  private @Nullable Object[] arguments() {
    return new Object[] {
      embeddings,
      by.labels(),
      loss.posMargin(),
      loss.negMargin(),
      distance.word(),
      distance.normalize(),
      OperatorReduction.word(loss.reducer()),
      by.refEmb(),
      by.refLabels(),
      by.positiveMask(),
      by.ignoreMask()
    };
  }

  private void record(Map<String, Double> stats, List<Object> results) {
    OperatorReduction.record(stats, POSITIVES, loss.reducer(), results, 1);
    OperatorReduction.record(stats, NEGATIVES, loss.reducer(), results, 3);
  }
}
