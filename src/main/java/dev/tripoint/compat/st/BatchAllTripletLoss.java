package dev.tripoint.compat.st;

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
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * All triplets of the batch, max(0, d_ap − d_an + margin), and the mean over those above 1e-16:
 * {@code st.BatchAllTripletLoss}. A batch without triplets costs 0 with gradient 0. The rule is
 * that of {@link dev.tripoint.compat.online.BatchAll}; a triplet that meets its margin exactly has
 * gradient 0, where the source lets it through.
 *
 * <p>On the CPU with a known distance it runs on the operator {@code tripoint::batch_all}, which
 * lists no triplets and has no second derivative; otherwise it takes memory for every pair of
 * positives times N, as the source does. Half-precision embeddings give a float32 loss.
 *
 * @param margin 5 by default
 * @param distanceMetric gives [N, N] for embeddings [N, D]; {@link
 *     BatchHardTripletLossDistanceFunction#EUCLIDEAN_DISTANCE} by default
 */
public record BatchAllTripletLoss(double margin, UnaryOperator<Tensor> distanceMetric)
    implements Loss {

  /**
   * @throws IllegalArgumentException if the margin is not a number
   */
  public BatchAllTripletLoss {
    Inputs.requireNumber("margin", margin);
  }

  public BatchAllTripletLoss() {
    this(5);
  }

  public BatchAllTripletLoss(double margin) {
    this(margin, BatchHardTripletLossDistanceFunction.EUCLIDEAN_DISTANCE);
  }

  public BatchAllTripletLoss withDistanceMetric(UnaryOperator<Tensor> distanceMetric) {
    return new BatchAllTripletLoss(margin, distanceMetric);
  }

  /** Takes no tuples and no references. Records nothing. */
  @Override
  public LossResult compute(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    Relation held = WholeBatch.require(embeddings, relation, tuples, refEmb);
    return BatchTriplets.result(() -> loss(embeddings, held));
  }

  /** Where the operator serves it gives both, and nothing is recorded. */
  @Override
  public LossGradient lossAndGradient(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    Relation held = WholeBatch.require(embeddings, relation, tuples, refEmb);
    OperatorRelation said = OperatorRelation.ofBatch(held, embeddings);
    if (said == null || !(distanceMetric instanceof BatchHardTripletLossDistanceFunction known)) {
      return Loss.super.lossAndGradient(embeddings, held, null, null);
    }
    return BatchOperators.batchAllWithGradient(
        embeddings,
        said.labels(),
        margin,
        known.word(),
        said.positiveMask(),
        said.ignoreMask(),
        LossGradient::new);
  }

  private Tensor loss(Tensor embeddings, Relation relation) {
    OperatorRelation said = OperatorRelation.ofBatch(relation, embeddings);
    if (said != null && distanceMetric instanceof BatchHardTripletLossDistanceFunction known) {
      return BatchOperators.batchAll(
          embeddings, said.labels(), margin, known.word(), said.positiveMask(), said.ignoreMask());
    }
    return WholeBatch.all(distanceMetric.apply(embeddings), relation, margin).loss();
  }
}
