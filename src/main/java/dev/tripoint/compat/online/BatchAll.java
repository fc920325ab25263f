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
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All triplets of the batch, max(0, d_ap − d_an + margin), and the mean over those above 0: {@code
 * online.batch_all}, the {@code batch_all_triplet_loss} of online-triplet-loss 0.0.6. A batch
 * without triplets costs 0 with gradient 0.
 *
 * <p>On the CPU it runs on the operator {@code tripoint::batch_all}, which lists no triplets. There
 * is no second derivative: the gradient cannot be differentiated again. Half-precision embeddings
 * give a float32 loss. Elsewhere, and for masks that tell a row from itself, it is computed from
 * the N² distances by ordinary operators, which takes memory for every pair of positives times N.
 *
 * @param margin has no default in the source
 * @param squared whether distances are squared; false by default
 */
public record BatchAll(double margin, boolean squared) implements Loss {

  private static final Op BATCH_ALL = Op.of("tripoint::batch_all");
  private static final String ABOVE_ZERO = "nonzero_mean";

  /**
   * @throws IllegalArgumentException if the margin is not a number
   */
  public BatchAll {
    Inputs.requireNumber("margin", margin);
  }

  public BatchAll(double margin) {
    this(margin, false);
  }

  public BatchAll withSquared(boolean squared) {
    return new BatchAll(margin, squared);
  }

  /**
   * Takes no tuples and no references. Records {@code fraction_positive}, the part of the triplets
   * whose loss is above 0, which the source gives as its second result; 0 where there are no
   * triplets.
   */
  @Override
  public LossResult compute(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    Relation held = WholeBatch.require(embeddings, relation, tuples, refEmb);
    try (TensorScope scope = TensorScope.open()) {
      OperatorRelation said = OperatorRelation.ofBatch(held, embeddings);
      if (said == null) {
        WholeBatch.AllTriplets all =
            WholeBatch.all(OnlineDistance.matrix(embeddings, squared), held, margin);
        return result(scope, all.loss(), all.active(), all.triplets());
      }
      List<Object> found =
          BATCH_ALL.call(
              said.arguments(embeddings, margin, OnlineDistance.word(squared), false, ABOVE_ZERO));
      return result(
          scope,
          (Tensor) found.get(0),
          ((Tensor) found.get(1)).itemLong(),
          ((Tensor) found.get(2)).itemLong());
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
      return BatchOperators.batchAllWithGradient(
          embeddings, by.labels(), margin, word, LossGradient::new);
    }
    OperatorRelation said = OperatorRelation.ofBatch(held, embeddings);
    return said == null
        ? Loss.super.lossAndGradient(embeddings, held, null, null)
        : BatchOperators.batchAllWithGradient(
            embeddings,
            said.labels(),
            margin,
            word,
            said.positiveMask(),
            said.ignoreMask(),
            LossGradient::new);
  }

  private static LossResult result(TensorScope scope, Tensor loss, long active, long triplets) {
    double fraction = triplets == 0 ? 0 : (double) active / triplets;
    return new LossResult(scope.keep(loss), Map.of("fraction_positive", fraction));
  }
}
