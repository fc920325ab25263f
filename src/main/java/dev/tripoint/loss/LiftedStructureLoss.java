package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * The lifted structure loss of pairs: {@code pml.LiftedStructureLoss}. Each positive pair costs
 * max(0, log Σ exp(negMargin − d_n) + d_p − posMargin)² / 2, the sum over the negatives of both its
 * rows, each as often as it is given; similarities count the other way round. Where there are none
 * the logarithm is 0. Without positives or without negatives the loss is 0 with gradient 0.
 *
 * <p>As in the source, the second row's negatives are those of the anchor with the positive's
 * index, beside references too, where that index belongs to a reference and its anchor of the same
 * number is another row.
 *
 * <p>The source lists all negatives beside each positive; here the sum is taken once for each
 * anchor, so that no matrix is larger than that of the distances.
 *
 * @param negMargin how far apart negatives should be; 1 by default
 * @param posMargin how far apart positives may be; 0 by default
 * @param distance {@link LpDistance} by default
 * @param reducer {@link MeanReducer} by default
 */
public record LiftedStructureLoss(
    double negMargin, double posMargin, Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<LiftedStructureLoss>, WithReducer<LiftedStructureLoss> {

  /**
   * @throws IllegalArgumentException if a margin is not a number
   */
  public LiftedStructureLoss {
    Inputs.requireNumber("negMargin", negMargin);
    Inputs.requireNumber("posMargin", posMargin);
  }

  public LiftedStructureLoss(double negMargin, double posMargin) {
    this(negMargin, posMargin, new LpDistance(), new MeanReducer());
  }

  public LiftedStructureLoss() {
    this(1, 0);
  }

  public LiftedStructureLoss withNegMargin(double negMargin) {
    return new LiftedStructureLoss(negMargin, posMargin, distance, reducer);
  }

  public LiftedStructureLoss withPosMargin(double posMargin) {
    return new LiftedStructureLoss(negMargin, posMargin, distance, reducer);
  }

  @Override
  public LiftedStructureLoss with(Distance distance) {
    return new LiftedStructureLoss(negMargin, posMargin, distance, reducer);
  }

  @Override
  public LiftedStructureLoss with(Reducer reducer) {
    return new LiftedStructureLoss(negMargin, posMargin, distance, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    return PairBatch.eachPositive(input, distance, this::losses);
  }

  private Tensor losses(PairBatch batch, Tensor values, List<Tensor> indices) {
    Tensor anchor = indices.getFirst();
    Tensor positive = indices.getLast();
    Tensor mat = batch.mat();
    Tensor near = batch.negatives().logSumExp(distance.margin(Settings.like(mat, negMargin), mat));
    Tensor has = batch.negatives().mask().any(1, false);
    // A positive without an anchor of its number, or that is its own anchor, adds no negatives.
    Tensor second = positive.lt(mat.size(0)).logicalAnd(positive.ne(anchor));
    Tensor other = positive.mul(second);
    Tensor sums =
        Sums.logAddExp(
            near.indexSelect(0, anchor),
            near.indexSelect(0, other)
                .maskedFill(second.logicalNot(), Sums.lowest(values.dtype())));
    Tensor any = has.indexSelect(0, anchor).logicalOr(has.indexSelect(0, other).logicalAnd(second));
    return sums.maskedFill(any.logicalNot(), 0)
        .add(distance.margin(values, Settings.like(values, posMargin)))
        .relu()
        .square()
        .div(2.0);
  }
}
