package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.AvgNonZeroReducer;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.SumReducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The contrastive loss: {@code pml.ContrastiveLoss}. A positive pair costs max(0, d − posMargin), a
 * negative one max(0, negMargin − d); similarities count the other way round, so a similarity wants
 * margins such as 1 and 0. The two sides, {@code pos_loss} and {@code neg_loss}, are reduced each
 * by itself and added. A side without pairs, and a batch with at most one pair of either side,
 * costs 0 with gradient 0.
 *
 * <p>Without tuples, on the CPU, with a relation of {@link dev.tripoint.miner.OperatorRelation}, a
 * distance of {@link dev.tripoint.distance.OperatorDistance}, and one of {@link AvgNonZeroReducer},
 * {@link MeanReducer} and {@link SumReducer} it runs on the operator {@code tripoint::contrastive},
 * which needs no N² memory and has no second derivative. Half-precision embeddings then give a
 * float32 loss.
 *
 * @param posMargin up to where positives cost nothing; 0 by default
 * @param negMargin from where on negatives cost nothing; 1 by default
 * @param distance {@link LpDistance} with its defaults by default
 * @param reducer {@link AvgNonZeroReducer} by default
 */
public record ContrastiveLoss(
    double posMargin, double negMargin, Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<ContrastiveLoss>, WithReducer<ContrastiveLoss> {

  /**
   * @throws IllegalArgumentException if a margin is not a number
   */
  public ContrastiveLoss {
    Inputs.requireNumber("posMargin", posMargin);
    Inputs.requireNumber("negMargin", negMargin);
  }

  public ContrastiveLoss(double posMargin, double negMargin) {
    this(posMargin, negMargin, new LpDistance(), new AvgNonZeroReducer());
  }

  public ContrastiveLoss() {
    this(0, 1);
  }

  public ContrastiveLoss withPosMargin(double posMargin) {
    return new ContrastiveLoss(posMargin, negMargin, distance, reducer);
  }

  public ContrastiveLoss withNegMargin(double negMargin) {
    return new ContrastiveLoss(posMargin, negMargin, distance, reducer);
  }

  @Override
  public ContrastiveLoss with(Distance distance) {
    return new ContrastiveLoss(posMargin, negMargin, distance, reducer);
  }

  @Override
  public ContrastiveLoss with(Reducer reducer) {
    return new ContrastiveLoss(posMargin, negMargin, distance, reducer);
  }

  @Override
  public @Nullable OperatorCall onOperator(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    return BatchContrastive.of(this, embeddings, relation, tuples, refEmb);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    return PairBatch.eachPair(
        input,
        distance,
        positive -> distance.margin(positive, Settings.like(positive, posMargin)).relu(),
        negative -> distance.margin(Settings.like(negative, negMargin), negative).relu());
  }
}
