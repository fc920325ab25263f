package dev.tripoint.loss;

import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A contrastive loss of a batch on the operator {@code tripoint::contrastive}.
 *
 * @param distance in the operator's words
 */
record BatchContrastive(ContrastiveLoss loss, LossBatch batch, OperatorDistance distance)
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
        || tuples != null
        || OperatorReduction.word(loss.reducer()) == null
        || !Double.isFinite(loss.posMargin())
        || !Double.isFinite(loss.negMargin())) {
      return null;
    }
    LossBatch batch = LossBatch.of(embeddings, relation, refEmb);
    return batch != null && batch.isFinite() ? new BatchContrastive(loss, batch, distance) : null;
  }

  @Override
  public LossResult compute() {
    LossResult found = CONTRASTIVE.compute(this::record, batch.arguments(own()));
    if (tooFew(found)) {
      found.loss().close();
      return Losses.ofTerms(loss, batch.embeddings(), batch.relation(), null, batch.refEmb());
    }
    return found;
  }

  /** Whether there is too little to learn from, by the source's rule. */
  private boolean tooFew(LossResult found) {
    return !batch.by().byLabels() && atMostOne(found, POSITIVES) && atMostOne(found, NEGATIVES);
  }

  private static boolean atMostOne(LossResult found, String side) {
    return found.stats().getOrDefault(side + OperatorReduction.LOSSES, 0.0) <= 1;
  }

  @Override
  public LossGradient lossAndGradient() {
    if (batch.by().byLabels()) {
      return batch.lossAndGradient(CONTRASTIVE.raw(), own());
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor[] found = batch.call(CONTRASTIVE.raw(), 5, own());
      Tensor loss = found[0];
      Tensor gradient = batch.ofEmbeddings(found[1]);
      boolean tooFew = found[2].itemLong() <= 1 && found[4].itemLong() <= 1;
      return new LossGradient(
          scope.keep(tooFew ? Torch.zerosLike(loss) : loss),
          scope.keep(tooFew ? Torch.zerosLike(gradient) : gradient));
    }
  }

  private @Nullable Object[] own() {
    // The operator's cosine is a distance.
    boolean cosine = distance.isCosine();
    return new Object[] {
      cosine ? 1 - loss.posMargin() : loss.posMargin(),
      cosine ? 1 - loss.negMargin() : loss.negMargin(),
      distance.word(),
      distance.normalize(),
      OperatorReduction.word(loss.reducer())
    };
  }

  private void record(Map<String, Double> stats, List<Object> results) {
    OperatorReduction.record(stats, POSITIVES, loss.reducer(), results, 1);
    OperatorReduction.record(stats, NEGATIVES, loss.reducer(), results, 3);
  }
}
