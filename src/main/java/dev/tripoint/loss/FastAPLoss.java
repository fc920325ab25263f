package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * FastAP: {@code pml.FastAPLoss}. Each row that has a positive costs 1 minus its average precision,
 * which is read off the histograms of its distances to positives and to negatives; the bins are
 * triangles, so that it is differentiable. Mined tuples weigh the rows by how often they stand in
 * them. A batch without positives gives 0 with gradient 0. It takes no references.
 *
 * @param numBins into how many equal parts the distances from 0 to 2 ^ power are cut; 10 by default
 * @param distance an {@link LpDistance} with p 2 and normalised embeddings, of any power; power 2
 *     by default
 * @param reducer {@link MeanReducer} by default
 */
public record FastAPLoss(int numBins, Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<FastAPLoss>, WithReducer<FastAPLoss> {

  private static final Op LINSPACE = Op.of("aten::linspace");

  /**
   * @throws IllegalArgumentException if there is no bin, or for another distance
   */
  public FastAPLoss {
    if (numBins < 1) {
      throw new IllegalArgumentException("numBins must be 1 or more, but is " + numBins);
    }
    DistanceTypes.requireNormalizedEuclidean("FastAPLoss", distance);
  }

  public FastAPLoss(int numBins) {
    this(numBins, new LpDistance().withPower(2), new MeanReducer());
  }

  public FastAPLoss() {
    this(10);
  }

  public FastAPLoss withNumBins(int numBins) {
    return new FastAPLoss(numBins, distance, reducer);
  }

  @Override
  public FastAPLoss with(Distance distance) {
    return new FastAPLoss(numBins, distance, reducer);
  }

  @Override
  public FastAPLoss with(Reducer reducer) {
    return new FastAPLoss(numBins, distance, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    input.requireNoReferences("FastAPLoss");
    Tensor embeddings = input.embeddings();
    Relation.Matches by = input.requireRelation("FastAPLoss").matches();
    Tensor positives = by.matches().sum(1);
    Tensor rows = positives.nonzero().select(1, 0);
    Tensor pulse = pulse(distance.matrix(embeddings, embeddings));
    Tensor positiveHist = histograms(pulse, by.matches());
    Tensor total = positiveHist.add(histograms(pulse, by.diffs())).cumsum(1);
    Tensor product = positiveHist.mul(positiveHist.cumsum(1));
    Tensor filled = product.gt(0).logicalAnd(total.gt(0));
    if (rows.numel() == 0 || !filled.any().itemBoolean()) {
      return LossTerms.none(embeddings).alone();
    }
    // An empty bin divides 0 by 1, and its gradient is 0.
    Tensor precision = product.div(total.maskedFill(filled.logicalNot(), 1));
    Tensor average =
        precision
            .maskedFill(filled.logicalNot(), 0)
            .sum(1)
            .indexSelect(0, rows)
            .div(positives.indexSelect(0, rows));
    Tensor weights =
        MinerUtils.convertToWeights(input.tuples(), embeddings.size(0), embeddings.dtype(), false);
    return new LossTerms(
            average.rsub(1).mul(weights.indexSelect(0, rows)),
            LossTerms.Kind.ELEMENT,
            List.of(rows))
        .alone();
  }

  /** How much each distance counts in each bin: [bins + 1, N, N]. */
  private Tensor pulse(Tensor mat) {
    double most = Math.pow(2, ((LpDistance) distance).power());
    Tensor middles =
        LINSPACE.callTensor(0.0, most, numBins + 1L, mat.dtype(), null, mat.device(), null);
    return mat.sub(middles.view(-1, 1, 1)).abs().div(most / numBins).rsub(1).relu();
  }

  /** [N, bins + 1]. */
  private static Tensor histograms(Tensor pulse, Tensor mask) {
    return pulse.mul(mask.to(pulse.dtype())).sum(2).t();
  }
}
