package dev.tripoint.compat.online;

import dev.tripoint.loss.Loss;
import dev.tripoint.loss.LossResult;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Relation;
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
 * <p>By masks it is computed from the N² distances by ordinary operators, triplet by triplet.
 *
 * <p>By labels it runs on the operator {@code tripoint::batch_all}, which lists no triplets. There
 * is no second derivative: the gradient cannot be differentiated again. Half-precision embeddings
 * give a float32 loss.
 *
 * @param margin has no default in the source
 * @param squared whether distances are squared; false by default
 */
public record BatchAll(double margin, boolean squared) implements Loss {

  /** Losses above it are counted; the source adds it to its counts too. */
  static final double SMALLEST_ACTIVE = 1e-16;

  private static final Op BATCH_ALL = Op.of("tripoint::batch_all");

  /**
   * @throws IllegalArgumentException if the margin is not a number
   */
  public BatchAll {
    OnlineInputs.requireMargin(margin);
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
    Relation held = OnlineInputs.require(embeddings, relation, tuples, refEmb);
    if (!(held instanceof Relation.Labels)) {
      return MaskedBatch.all(embeddings, held, margin, squared);
    }
    Tensor checked = held.requireLabels("this loss").labels();
    try (TensorScope scope = TensorScope.open()) {
      List<Object> found =
          BATCH_ALL.call(embeddings, checked, margin, OnlineInputs.distance(squared));
      double active = ((Tensor) found.get(1)).itemLong();
      double valid = ((Tensor) found.get(2)).itemLong();
      return new LossResult(
          scope.keep((Tensor) found.get(0)),
          Map.of("fraction_positive", valid == 0 ? 0 : active / valid));
    }
  }
}
