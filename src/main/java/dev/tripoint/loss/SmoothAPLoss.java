package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.Map;

/**
 * Smooth average precision: {@code pml.SmoothAPLoss}. Each row costs 1 minus its average precision,
 * with ranks counted by sigmoids: the mean, over its positives and itself, of the rank among them
 * over the rank among all. Mined tuples weigh the rows by how often they stand in them. It takes no
 * references.
 *
 * <p>The source takes the rows to stand class by class, whatever the labels say, and refuses
 * classes of different sizes; here neither matters. The source also rounds to float32.
 *
 * @param temperature the width of a sigmoid; 0.01 by default
 * @param distance a {@link CosineSimilarity}
 * @param reducer {@link MeanReducer} by default
 */
public record SmoothAPLoss(double temperature, Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<SmoothAPLoss>, WithReducer<SmoothAPLoss> {

  /**
   * @throws IllegalArgumentException if the temperature is not above 0, or for another distance
   */
  public SmoothAPLoss {
    Settings.requirePositive("temperature", temperature);
    DistanceTypes.requireCosine("SmoothAPLoss", distance);
  }

  public SmoothAPLoss(double temperature) {
    this(temperature, new CosineSimilarity(), new MeanReducer());
  }

  public SmoothAPLoss() {
    this(0.01);
  }

  public SmoothAPLoss withTemperature(double temperature) {
    return new SmoothAPLoss(temperature, distance, reducer);
  }

  @Override
  public SmoothAPLoss with(Distance distance) {
    return new SmoothAPLoss(temperature, distance, reducer);
  }

  @Override
  public SmoothAPLoss with(Reducer reducer) {
    return new SmoothAPLoss(temperature, distance, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    input.requireNoReferences("SmoothAPLoss");
    Tensor embeddings = input.embeddings();
    long rows = embeddings.size(0);
    Relation.Matches by = input.requireRelation("SmoothAPLoss").matches();
    Tensor ranked = Ranks.withSelf(by.matches());
    Ranks ranks = Ranks.of(distance.matrix(embeddings, embeddings), ranked);
    Tensor before = ranks.differences().div(temperature).sigmoid().mul(ranks.others());
    Tensor among = before.mul(ranks.ofRows(ranked)).sum(1).add(1);
    Tensor all = before.mul(ranks.ofRows(ranked.logicalOr(by.diffs()))).sum(1).add(1);
    Tensor precision =
        Torch.zeros(embeddings.dtype(), rows)
            .indexAdd(0, ranks.row(), among.div(all).div(ranks.perRow()));
    Tensor weights = MinerUtils.convertToWeights(input.tuples(), rows, embeddings.dtype(), false);
    return Map.of("ap_loss", LossTerms.elements(precision.rsub(1).mul(weights)));
  }
}
