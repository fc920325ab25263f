package dev.tripoint.loss;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A loss in two steps: one number for each row, pair or triplet, and a reducer that makes one of
 * them. Source followed: {@code BaseMetricLossFunction} of pytorch-metric-learning 2.9.
 */
public interface MetricLoss extends Loss {

  /** What makes one loss of many. */
  Reducer reducer();

  /**
   * The losses before they are reduced, by the source's names and in its order. What it makes on
   * the way is freed by the caller.
   *
   * @param input checked
   */
  Map<String, LossTerms> terms(LossInput input);

  /**
   * What the source records beside its reducer's statistics, by its names; nothing by default.
   *
   * @param input the one that {@code terms} were made from
   */
  default Map<String, Double> stats(LossInput input, Map<String, LossTerms> terms) {
    return Map.of();
  }

  /**
   * A call on an operator that gives what the terms and the reducer would, without them; null, as
   * by default, where there is none for such a batch. A batch that it takes has been checked.
   *
   * @param embeddings as for {@link #compute}, as are the others
   */
  default @Nullable OperatorCall onOperator(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    return null;
  }

  /**
   * Asks the operator, else sums the reduced terms. Where a reducer leaves more than one number of
   * several terms, they stand one after the other. Statistics of several terms are named {@code
   * pos_loss.losses_size} and the like.
   */
  @Override
  default LossResult compute(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    OperatorCall call = onOperator(embeddings, relation, tuples, refEmb);
    return call != null
        ? call.compute()
        : Losses.ofTerms(this, embeddings, relation, tuples, refEmb);
  }

  /** Where an operator serves it gives both, and nothing is recorded for autograd. */
  @Override
  default LossGradient lossAndGradient(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    OperatorCall call = onOperator(embeddings, relation, tuples, refEmb);
    return call != null
        ? call.lossAndGradient()
        : Loss.super.lossAndGradient(embeddings, relation, tuples, refEmb);
  }
}
