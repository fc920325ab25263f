package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.SNRDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.reducer.AvgNonZeroReducer;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import java.util.Map;

/**
 * The contrastive loss with the signal-to-noise distance: {@code
 * pml.SignalToNoiseRatioContrastiveLoss}. It is {@link ContrastiveLoss} but for its distance, which
 * is an {@link SNRDistance} and no other.
 *
 * @param posMargin up to where positives cost nothing; 0 by default
 * @param negMargin from where on negatives cost nothing; 1 by default
 * @param distance {@link SNRDistance} by default
 * @param reducer {@link AvgNonZeroReducer} by default
 */
public record SignalToNoiseRatioContrastiveLoss(
    double posMargin, double negMargin, Distance distance, Reducer reducer)
    implements MetricLoss,
        WithDistance<SignalToNoiseRatioContrastiveLoss>,
        WithReducer<SignalToNoiseRatioContrastiveLoss> {

  /**
   * @throws IllegalArgumentException if a margin is not a number, or the distance is no {@link
   *     SNRDistance}
   */
  public SignalToNoiseRatioContrastiveLoss {
    Inputs.requireNumber("posMargin", posMargin);
    Inputs.requireNumber("negMargin", negMargin);
    DistanceTypes.requireSignalToNoise("SignalToNoiseRatioContrastiveLoss", distance);
  }

  public SignalToNoiseRatioContrastiveLoss(double posMargin, double negMargin) {
    this(posMargin, negMargin, new SNRDistance(), new AvgNonZeroReducer());
  }

  public SignalToNoiseRatioContrastiveLoss() {
    this(0, 1);
  }

  public SignalToNoiseRatioContrastiveLoss withPosMargin(double posMargin) {
    return new SignalToNoiseRatioContrastiveLoss(posMargin, negMargin, distance, reducer);
  }

  public SignalToNoiseRatioContrastiveLoss withNegMargin(double negMargin) {
    return new SignalToNoiseRatioContrastiveLoss(posMargin, negMargin, distance, reducer);
  }

  @Override
  public SignalToNoiseRatioContrastiveLoss with(Distance distance) {
    return new SignalToNoiseRatioContrastiveLoss(posMargin, negMargin, distance, reducer);
  }

  @Override
  public SignalToNoiseRatioContrastiveLoss with(Reducer reducer) {
    return new SignalToNoiseRatioContrastiveLoss(posMargin, negMargin, distance, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    return new ContrastiveLoss(posMargin, negMargin, distance, reducer).terms(input);
  }
}
