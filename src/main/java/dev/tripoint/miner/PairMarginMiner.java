package dev.tripoint.miner;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;

/**
 * Positive pairs farther apart than one margin and negative pairs closer than another, both
 * strictly: {@code pml.PairMarginMiner}. With a similarity, positives below and negatives above.
 *
 * <p>On the CPU, for finite embeddings, a distance of {@link OperatorDistance} and a relation of
 * {@link OperatorRelation} it runs on the operator {@code tripoint::pair_margin_miner}, which needs
 * no N² memory; else over the distance's matrix.
 *
 * @param posMargin 0.2 by default
 * @param negMargin 0.8 by default
 * @param distance what is far; {@link LpDistance} with its defaults by default
 */
public record PairMarginMiner(double posMargin, double negMargin, Distance distance)
    implements Miner, WithDistance<PairMarginMiner> {

  private static final Op PAIR_MARGIN_MINER = Op.of("tripoint::pair_margin_miner");

  public PairMarginMiner(double posMargin, double negMargin) {
    this(posMargin, negMargin, new LpDistance());
  }

  public PairMarginMiner() {
    this(0.2, 0.8);
  }

  @Override
  public PairMarginMiner with(Distance distance) {
    return new PairMarginMiner(posMargin, negMargin, distance);
  }

  @Override
  public Pairs mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      boolean numbers = !Double.isNaN(posMargin) && !Double.isNaN(negMargin);
      OperatorBatch batch =
          numbers ? OperatorBatch.of(distance, embeddings, refEmb, relation) : null;
      if (batch != null) {
        // The operator's cosine is a distance.
        boolean cosine = batch.distance().isCosine();
        double pos = cosine ? 1 - posMargin : posMargin;
        double neg = cosine ? 1 - negMargin : negMargin;
        Tensor[] found = batch.call(PAIR_MARGIN_MINER, 4, pos, neg);
        return new Pairs(found[0], found[1], found[2], found[3]).map(scope::keep);
      }
      Tensor mat = distance.matrix(embeddings, refEmb);
      Pairs all = MinerUtils.getAllPairsIndices(relation);
      Tensor positive = mat.index(all.anchorPositive(), all.positive());
      Tensor negative = mat.index(all.anchorNegative(), all.negative());
      boolean inverted = distance.isInverted();
      Tensor far = inverted ? positive.lt(posMargin) : positive.gt(posMargin);
      Tensor near = inverted ? negative.gt(negMargin) : negative.lt(negMargin);
      return new Pairs(
          scope.keep(all.anchorPositive().maskedSelect(far)),
          scope.keep(all.positive().maskedSelect(far)),
          scope.keep(all.anchorNegative().maskedSelect(near)),
          scope.keep(all.negative().maskedSelect(near)));
    }
  }
}
