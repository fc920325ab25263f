package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;
import java.util.Map;

/**
 * The lifted structure loss of anchors: {@code pml.GeneralizedLiftedStructureLoss}. Each anchor
 * costs max(0, log Σ exp(d_p − posMargin) + log Σ exp(negMargin − d_n)) over its positives and its
 * negatives, where a sum of nothing counts as 1; similarities count the other way round. A pair
 * that is given twice counts once.
 *
 * @param negMargin how far apart negatives should be; 1 by default
 * @param posMargin how far apart positives may be; 0 by default
 * @param distance {@link LpDistance} by default
 * @param reducer {@link MeanReducer} by default
 */
public record GeneralizedLiftedStructureLoss(
    double negMargin, double posMargin, Distance distance, Reducer reducer)
    implements MetricLoss,
        WithDistance<GeneralizedLiftedStructureLoss>,
        WithReducer<GeneralizedLiftedStructureLoss> {

  /**
   * @throws IllegalArgumentException if a margin is not a number
   */
  public GeneralizedLiftedStructureLoss {
    Inputs.requireNumber("negMargin", negMargin);
    Inputs.requireNumber("posMargin", posMargin);
  }

  public GeneralizedLiftedStructureLoss(double negMargin, double posMargin) {
    this(negMargin, posMargin, new LpDistance(), new MeanReducer());
  }

  public GeneralizedLiftedStructureLoss() {
    this(1, 0);
  }

  public GeneralizedLiftedStructureLoss withNegMargin(double negMargin) {
    return new GeneralizedLiftedStructureLoss(negMargin, posMargin, distance, reducer);
  }

  public GeneralizedLiftedStructureLoss withPosMargin(double posMargin) {
    return new GeneralizedLiftedStructureLoss(negMargin, posMargin, distance, reducer);
  }

  @Override
  public GeneralizedLiftedStructureLoss with(Distance distance) {
    return new GeneralizedLiftedStructureLoss(negMargin, posMargin, distance, reducer);
  }

  @Override
  public GeneralizedLiftedStructureLoss with(Reducer reducer) {
    return new GeneralizedLiftedStructureLoss(negMargin, posMargin, distance, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    return PairBatch.eachAnchor(input, distance, this::losses);
  }

  private Tensor losses(PairBatch batch) {
    Relation.Matches masks = batch.masks();
    Tensor mat = batch.mat();
    Tensor far = distance.margin(mat, Settings.like(mat, posMargin));
    Tensor near = distance.margin(Settings.like(mat, negMargin), mat);
    return Sums.logSumExpOrZero(far, masks.matches())
        .add(Sums.logSumExpOrZero(near, masks.diffs()))
        .relu();
  }
}
