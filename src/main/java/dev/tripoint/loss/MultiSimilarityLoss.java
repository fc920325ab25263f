package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
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
 * The multi-similarity loss: {@code pml.MultiSimilarityLoss}. Each anchor costs log(1 + Σ exp(alpha
 * (base − s_p))) / alpha over its positives and log(1 + Σ exp(beta (s_n − base))) / beta over its
 * negatives; for a distance base − s becomes d − base. An anchor without any costs 0, as does a
 * batch with at most one pair of either side. A pair that is given twice counts once.
 *
 * @param alpha the weight of positives; 2 by default
 * @param beta the weight of negatives; 50 by default
 * @param base what similarities are compared with; 0.5 by default
 * @param distance {@link CosineSimilarity} by default
 * @param reducer {@link MeanReducer} by default
 */
public record MultiSimilarityLoss(
    double alpha, double beta, double base, Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<MultiSimilarityLoss>, WithReducer<MultiSimilarityLoss> {

  /**
   * @throws IllegalArgumentException if alpha or beta is not above 0, or base is not a number
   */
  public MultiSimilarityLoss {
    Settings.requirePositive("alpha", alpha);
    Settings.requirePositive("beta", beta);
    Inputs.requireNumber("base", base);
  }

  public MultiSimilarityLoss(double alpha, double beta, double base) {
    this(alpha, beta, base, new CosineSimilarity(), new MeanReducer());
  }

  public MultiSimilarityLoss() {
    this(2, 50, 0.5);
  }

  public MultiSimilarityLoss withAlpha(double alpha) {
    return new MultiSimilarityLoss(alpha, beta, base, distance, reducer);
  }

  public MultiSimilarityLoss withBeta(double beta) {
    return new MultiSimilarityLoss(alpha, beta, base, distance, reducer);
  }

  public MultiSimilarityLoss withBase(double base) {
    return new MultiSimilarityLoss(alpha, beta, base, distance, reducer);
  }

  @Override
  public MultiSimilarityLoss with(Distance distance) {
    return new MultiSimilarityLoss(alpha, beta, base, distance, reducer);
  }

  @Override
  public MultiSimilarityLoss with(Reducer reducer) {
    return new MultiSimilarityLoss(alpha, beta, base, distance, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    return PairBatch.eachAnchor(input, distance, this::losses);
  }

  private Tensor losses(PairBatch batch) {
    Relation.Matches masks = batch.masks();
    Tensor level = Settings.like(batch.mat(), base);
    Tensor far = distance.margin(batch.mat(), level).mul(alpha);
    Tensor near = distance.margin(level, batch.mat()).mul(beta);
    return Sums.logOnePlusExp(Sums.logSumExp(far, masks.matches()))
        .div(alpha)
        .add(Sums.logOnePlusExp(Sums.logSumExp(near, masks.diffs())).div(beta));
  }
}
