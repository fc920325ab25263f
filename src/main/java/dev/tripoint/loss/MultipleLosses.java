package dev.tripoint.loss;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Miner;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The weighted sum of several losses of the same batch, each perhaps with a miner of its own:
 * {@code pml.MultipleLosses}. Where one has a miner, no tuples can be given; a loss without then
 * takes what it chooses itself.
 *
 * <p>References go to every loss and miner, where the source takes none. Statistics are named after
 * the loss: {@code first.losses_size}.
 *
 * @param losses by any names; they are added in this order
 */
public record MultipleLosses(Map<String, Weighted> losses) implements Loss {

  /**
   * One of the losses.
   *
   * @param loss gives a single value
   * @param weight what it is multiplied by; 1 by default
   * @param miner chooses its tuples; null, the default, for none
   */
  public record Weighted(Loss loss, double weight, @Nullable Miner miner) {

    /**
     * @throws IllegalArgumentException if the weight is not a number
     */
    public Weighted {
      Inputs.requireNumber("weight", weight);
    }
  }

  /**
   * @throws IllegalArgumentException if there is no loss
   */
  public MultipleLosses {
    if (losses.isEmpty()) {
      throw new IllegalArgumentException("there must be one loss or more");
    }
    losses = Collections.unmodifiableMap(new LinkedHashMap<>(losses));
  }

  /** Of these losses, named 0, 1, 2 and so on, all of weight 1 and without miners. */
  public static MultipleLosses of(Loss... losses) {
    Map<String, Weighted> all = new LinkedHashMap<>();
    for (Loss loss : losses) {
      all.put(String.valueOf(all.size()), new Weighted(loss, 1, null));
    }
    return new MultipleLosses(all);
  }

  /** These and one more, or another in place of the one of that name. */
  public MultipleLosses and(String name, Loss loss, double weight, @Nullable Miner miner) {
    Map<String, Weighted> all = new LinkedHashMap<>(losses);
    all.put(name, new Weighted(loss, weight, miner));
    return new MultipleLosses(all);
  }

  @Override
  public boolean needsRelation() {
    return losses.values().stream().anyMatch(each -> each.loss().needsRelation());
  }

  /**
   * @throws IllegalArgumentException if tuples are given and a loss has a miner
   */
  @Override
  public LossResult compute(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    boolean mines = losses.values().stream().anyMatch(each -> each.miner() != null);
    if (mines && tuples != null) {
      throw new IllegalArgumentException("tuples cannot be given to losses that have miners");
    }
    if (mines && relation == null) {
      throw new IllegalArgumentException("losses that have miners need labels");
    }
    try (TensorScope scope = TensorScope.open()) {
      Map<String, Double> stats = new LinkedHashMap<>();
      Tensor sum = null;
      for (Map.Entry<String, Weighted> entry : losses.entrySet()) {
        Weighted each = entry.getValue();
        IndexTuples chosen =
            each.miner() == null || relation == null
                ? tuples
                : each.miner().forward(embeddings, relation, refEmb);
        LossResult result = each.loss().compute(embeddings, relation, chosen, refEmb);
        result.stats().forEach((key, value) -> stats.put(entry.getKey() + "." + key, value));
        Tensor weighted = result.loss().mul(each.weight());
        sum = sum == null ? weighted : sum.add(weighted);
      }
      return new LossResult(scope.keep(Objects.requireNonNull(sum)), stats);
    }
  }
}
