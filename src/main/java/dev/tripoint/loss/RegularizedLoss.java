package dev.tripoint.loss;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Relation;
import dev.tripoint.regularizer.Regularizer;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A loss and, weighted, what its embeddings cost by themselves: {@code embedding_regularizer} and
 * {@code embedding_reg_weight} of pytorch-metric-learning's losses. Records the weighted cost as
 * {@code embedding_reg_loss} beside what the loss records.
 *
 * @param loss must give a single value
 * @param regularizer is given the embeddings
 * @param weight what its cost is multiplied by
 */
public record RegularizedLoss(Loss loss, Regularizer regularizer, double weight) implements Loss {

  /**
   * @throws IllegalArgumentException if the weight is not a number
   */
  public RegularizedLoss {
    Inputs.requireNumber("weight", weight);
  }

  @Override
  public boolean needsRelation() {
    return loss.needsRelation();
  }

  @Override
  public LossResult compute(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    try (TensorScope scope = TensorScope.open()) {
      LossResult result = loss.compute(embeddings, relation, tuples, refEmb);
      Tensor cost = regularizer.forward(embeddings).mul(weight);
      Map<String, Double> stats = new LinkedHashMap<>(result.stats());
      stats.put("embedding_reg_loss", cost.item());
      return new LossResult(scope.keep(result.loss().add(cost)), stats);
    }
  }
}
