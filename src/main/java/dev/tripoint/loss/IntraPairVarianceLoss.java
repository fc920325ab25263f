package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;
import java.util.Map;

/**
 * The intra-pair variance loss: {@code pml.IntraPairVarianceLoss}. A positive pair costs max(0, (1
 * − posEps) mean − s)², with the mean over all positive pairs, and a negative one max(0, s − (1 +
 * negEps) mean)², with that of the negative ones; for distances the two change sides. {@code
 * pos_loss} and {@code neg_loss} are reduced each by itself and added. A side without pairs, and a
 * batch with at most one pair of either side, costs 0 with gradient 0.
 *
 * @param posEps how far below the mean, in parts of it, a positive costs nothing; 0.01 by default
 * @param negEps how far above it a negative costs nothing; 0.01 by default
 * @param distance {@link CosineSimilarity} by default
 * @param reducer {@link MeanReducer} by default
 */
public record IntraPairVarianceLoss(
    double posEps, double negEps, Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<IntraPairVarianceLoss>, WithReducer<IntraPairVarianceLoss> {

  /**
   * @throws IllegalArgumentException if posEps or negEps is not a number
   */
  public IntraPairVarianceLoss {
    Inputs.requireNumber("posEps", posEps);
    Inputs.requireNumber("negEps", negEps);
  }

  public IntraPairVarianceLoss(double posEps, double negEps) {
    this(posEps, negEps, new CosineSimilarity(), new MeanReducer());
  }

  public IntraPairVarianceLoss() {
    this(0.01, 0.01);
  }

  public IntraPairVarianceLoss withPosEps(double posEps) {
    return new IntraPairVarianceLoss(posEps, negEps, distance, reducer);
  }

  public IntraPairVarianceLoss withNegEps(double negEps) {
    return new IntraPairVarianceLoss(posEps, negEps, distance, reducer);
  }

  @Override
  public IntraPairVarianceLoss with(Distance distance) {
    return new IntraPairVarianceLoss(posEps, negEps, distance, reducer);
  }

  @Override
  public IntraPairVarianceLoss with(Reducer reducer) {
    return new IntraPairVarianceLoss(posEps, negEps, distance, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    return PairBatch.eachPair(
        input,
        distance,
        positive -> beyondTheMean(positive, posEps, distance.isInverted()),
        negative -> beyondTheMean(negative, negEps, !distance.isInverted()));
  }

  private static Tensor beyondTheMean(Tensor values, double eps, boolean below) {
    Tensor mean = values.mean();
    return (below ? mean.mul(1 - eps).sub(values) : values.sub(mean.mul(1 + eps))).relu().square();
  }
}
