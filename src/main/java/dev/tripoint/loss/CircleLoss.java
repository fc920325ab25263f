package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.AvgNonZeroReducer;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;
import java.util.Map;

/**
 * The circle loss: {@code pml.CircleLoss}. With the weights max(0, 1 + m − s_p) and max(0, s_n +
 * m), which gradients pass by, each anchor costs softplus(log Σ exp(−gamma max(0, 1 + m − s_p) (s_p
 * − 1 + m)) + log Σ exp(gamma max(0, s_n + m) (s_n − m))), the sums over its positives and its
 * negatives. An anchor that lacks either costs 0. A pair that is given twice counts once.
 *
 * @param m the relaxation of the boundary; 0.4 by default
 * @param gamma the scale; 80 by default
 * @param distance {@link CosineSimilarity} by default
 * @param reducer {@link AvgNonZeroReducer} by default
 */
public record CircleLoss(double m, double gamma, Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<CircleLoss>, WithReducer<CircleLoss> {

  /**
   * @throws IllegalArgumentException if m or gamma is not a number, or the distance is no {@link
   *     CosineSimilarity}
   */
  public CircleLoss {
    Inputs.requireNumber("m", m);
    Inputs.requireNumber("gamma", gamma);
    DistanceTypes.requireCosine("CircleLoss", distance);
  }

  public CircleLoss(double m, double gamma) {
    this(m, gamma, new CosineSimilarity(), new AvgNonZeroReducer());
  }

  public CircleLoss() {
    this(0.4, 80);
  }

  public CircleLoss withM(double m) {
    return new CircleLoss(m, gamma, distance, reducer);
  }

  public CircleLoss withGamma(double gamma) {
    return new CircleLoss(m, gamma, distance, reducer);
  }

  @Override
  public CircleLoss with(Distance distance) {
    return new CircleLoss(m, gamma, distance, reducer);
  }

  @Override
  public CircleLoss with(Reducer reducer) {
    return new CircleLoss(m, gamma, distance, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    return PairBatch.eachAnchor(input, distance, this::losses);
  }

  private Tensor losses(PairBatch batch) {
    Relation.Matches masks = batch.masks();
    Tensor similar = batch.mat();
    Tensor fixed = similar.detach();
    Tensor towards = fixed.rsub(1 + m).relu().mul(-gamma).mul(similar.sub(1 - m));
    Tensor away = fixed.add(m).relu().mul(gamma).mul(similar.sub(m));
    // Where either side is missing its sum is so low that the softplus is 0.
    return Sums.logSumExp(towards, masks.matches())
        .add(Sums.logSumExp(away, masks.diffs()))
        .softplus();
  }
}
