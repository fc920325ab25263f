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
 * The ranked list loss: {@code pml.RankedListLoss}. Negatives are pushed beyond {@code alpha} and
 * positives pulled within {@code alpha − margin}. Of each row, the weighted mean of by how much its
 * negatives are too near and that of by how much its positives are too far make its loss; weights
 * grow exponentially with the violation, and gradients flow through them, as in the source. Rows at
 * distance 0 have no weight. It takes neither tuples nor references.
 *
 * @param margin between negatives and positives
 * @param tn how much more a nearer negative weighs; above 5 the weights may overflow
 * @param imbalance the part of negatives in the loss, from 0 to 1; 0.5 by default
 * @param alpha where negatives should be; 1 + margin / 2 by default
 * @param tp how much more a farther positive weighs; 0 by default
 * @param distance {@link LpDistance} with its defaults by default
 * @param reducer {@link MeanReducer} by default
 */
public record RankedListLoss(
    double margin,
    double tn,
    double imbalance,
    double alpha,
    double tp,
    Distance distance,
    Reducer reducer)
    implements MetricLoss, WithDistance<RankedListLoss>, WithReducer<RankedListLoss> {

  /** Keeps rows without weights from dividing by 0. */
  private static final double LEAST_WEIGHT = 1e-5;

  /**
   * @throws IllegalArgumentException if a number is NaN, or imbalance not from 0 to 1
   */
  public RankedListLoss {
    Inputs.requireNumber("margin", margin);
    Inputs.requireNumber("tn", tn);
    Inputs.requireNumber("alpha", alpha);
    Inputs.requireNumber("tp", tp);
    if (!(imbalance >= 0 && imbalance <= 1)) {
      throw new IllegalArgumentException("imbalance must be from 0 to 1, but is " + imbalance);
    }
  }

  public RankedListLoss(double margin, double tn) {
    this(margin, tn, 0.5, 1 + margin / 2, 0, new LpDistance(), new MeanReducer());
  }

  public RankedListLoss withImbalance(double imbalance) {
    return new RankedListLoss(margin, tn, imbalance, alpha, tp, distance, reducer);
  }

  public RankedListLoss withAlpha(double alpha) {
    return new RankedListLoss(margin, tn, imbalance, alpha, tp, distance, reducer);
  }

  public RankedListLoss withTp(double tp) {
    return new RankedListLoss(margin, tn, imbalance, alpha, tp, distance, reducer);
  }

  @Override
  public RankedListLoss with(Distance distance) {
    return new RankedListLoss(margin, tn, imbalance, alpha, tp, distance, reducer);
  }

  @Override
  public RankedListLoss with(Reducer reducer) {
    return new RankedListLoss(margin, tn, imbalance, alpha, tp, distance, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    input.requireNoReferences("RankedListLoss");
    input.requireNoTuples("RankedListLoss");
    Relation.Matches by = input.requireRelation("RankedListLoss").matches();
    Tensor mat = distance.matrix(input.embeddings(), input.embeddings());
    Tensor apart = mat.gt(0);
    Tensor positive = weighted(mat.sub(alpha - margin), by.matches().logicalAnd(apart), tp);
    Tensor negative = weighted(mat.rsub(alpha), by.diffs().logicalAnd(apart), tn);
    return LossTerms.elements(positive.mul(1 - imbalance).add(negative.mul(imbalance))).alone();
  }

  /** The mean violation of each row, weighted by itself: [N]. */
  private static Tensor weighted(Tensor violation, Tensor pairs, double temperature) {
    Tensor out = pairs.logicalAnd(violation.gt(0)).logicalNot();
    Tensor violations = violation.maskedFill(out, 0);
    Tensor weights = violations.mul(temperature).exp().maskedFill(out, 0);
    return weights.mul(violations).sum(1).div(weights.add(LEAST_WEIGHT).sum(1));
  }
}
