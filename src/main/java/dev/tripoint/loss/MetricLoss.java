package dev.tripoint.loss;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
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
   * Sums the reduced terms. Where a reducer leaves more than one number of several terms, they
   * stand one after the other. Statistics of several terms are named {@code pos_loss.losses_size}
   * and the like.
   */
  @Override
  default LossResult compute(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    LossInput input = Losses.checked(embeddings, relation, tuples, refEmb, needsRelation());
    Tensor labels = input.relation() == null ? null : input.relation().labelsOrNull();
    try (TensorScope scope = TensorScope.open()) {
      Map<String, LossTerms> terms = terms(input);
      Map<String, Double> stats = new LinkedHashMap<>(stats(input, terms));
      List<Tensor> reduced = new ArrayList<>();
      terms.forEach((name, each) -> {
        Reducer reducer = reducer().forTerms(name);
        reduced.add(reducer.reduce(each, embeddings, labels));
        reducer
            .stats(each)
            .forEach((key, value) -> stats.put(terms.size() == 1 ? key : name + "." + key, value));
      });
      return new LossResult(scope.keep(Losses.sum(reduced).retain()), stats);
    }
  }
}
