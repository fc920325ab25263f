package dev.tripoint.compat.online;

import dev.tripoint.compat.batch.WholeBatch;
import dev.tripoint.loss.Loss;
import dev.tripoint.loss.LossGradient;
import dev.tripoint.loss.LossResult;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.OperatorRelation;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.BatchOperators;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * For each anchor the farthest positive against the closest negative, max(0, d_ap − d_an + margin),
 * and the mean over all anchors: {@code online.batch_hard}, the {@code batch_hard_triplet_loss} of
 * online-triplet-loss 0.0.6.
 *
 * <p>Degenerate batches as there: an anchor without a positive counts with d_ap = 0, and a batch of
 * one class costs the margin, without gradient. The gradient at distance zero is 0. Of equal
 * distances the first index gets the gradient; where all negatives of an anchor and its hardest
 * positive are at exactly the same distance the source's sentinel cancels that anchor's gradient
 * instead, at the same loss.
 *
 * <p>Where there are masks, an anchor without a negative costs the margin.
 *
 * <p>It runs on the operator {@code tripoint::batch_hard}, which needs no N² memory; on another
 * device than the CPU, by masks, over the N² distances. There is no second derivative: the gradient
 * cannot be differentiated again. Half-precision embeddings give a float32 loss.
 *
 * @param margin has no default in the source
 * @param squared whether distances are squared; false by default
 */
public record BatchHard(double margin, boolean squared) implements Loss {

  /**
   * @throws IllegalArgumentException if the margin is not a number
   */
  public BatchHard {
    Inputs.requireNumber("margin", margin);
  }

  public BatchHard(double margin) {
    this(margin, false);
  }

  public BatchHard withSquared(boolean squared) {
    return new BatchHard(margin, squared);
  }

  /** Takes no tuples and no references. Records nothing. */
  @Override
  public LossResult compute(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    Relation held = WholeBatch.require(embeddings, relation, tuples, refEmb);
    return new LossResult(
        held instanceof Relation.Labels by
            ? BatchOperators.batchHard(
                embeddings, by.labels(), margin, OnlineDistance.word(squared), false)
            : byMasks(embeddings, held),
        Map.of());
  }

  private Tensor byMasks(Tensor embeddings, Relation masks) {
    OperatorRelation said = OperatorRelation.ofBatch(masks, embeddings);
    if (said != null) {
      return BatchOperators.batchHard(
          embeddings,
          said.labels(),
          margin,
          OnlineDistance.word(squared),
          false,
          said.positiveMask(),
          said.ignoreMask());
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor hardest = WholeBatch.hardest(OnlineDistance.matrix(embeddings, squared), masks);
      return scope.keep(hardest.add(margin).relu().mean());
    }
  }

  /** The operator gives both, and nothing is recorded for autograd. */
  @Override
  public LossGradient lossAndGradient(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    Relation held = WholeBatch.require(embeddings, relation, tuples, refEmb);
    String word = OnlineDistance.word(squared);
    if (held instanceof Relation.Labels by) {
      return BatchOperators.batchHardWithGradient(
          embeddings, by.labels(), margin, word, false, LossGradient::new);
    }
    OperatorRelation said = OperatorRelation.ofBatch(held, embeddings);
    return said == null
        ? Loss.super.lossAndGradient(embeddings, held, null, null)
        : BatchOperators.batchHardWithGradient(
            embeddings,
            said.labels(),
            margin,
            word,
            false,
            said.positiveMask(),
            said.ignoreMask(),
            LossGradient::new);
  }
}
