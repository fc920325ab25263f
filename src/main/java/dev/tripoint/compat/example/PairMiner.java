package dev.tripoint.compat.example;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Miner;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;

/**
 * Positive pairs farther apart and negative pairs closer together than a margin: {@code
 * example.PairMiner}. Call it by {@link #forward}.
 *
 * @param margin 0.1 by default
 * @param distance {@link LpDistance} with its defaults by default
 */
public record PairMiner(double margin, Distance distance)
    implements Miner, WithDistance<PairMiner> {

  public PairMiner() {
    this(0.1);
  }

  public PairMiner(double margin) {
    this(margin, new LpDistance());
  }

  @Override
  public PairMiner with(Distance distance) {
    return new PairMiner(margin, distance);
  }

  @Override
  public IndexTuples mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    Tensor mat = distance.matrix(embeddings, refEmb);
    Pairs all = MinerUtils.getAllPairsIndices(relation);
    Tensor posPairs = mat.index(all.anchorPositive(), all.positive());
    Tensor negPairs = mat.index(all.anchorNegative(), all.negative());
    Tensor posMask = distance.isInverted() ? posPairs.lt(margin) : posPairs.gt(margin);
    Tensor negMask = distance.isInverted() ? negPairs.gt(margin) : negPairs.lt(margin);
    return new Pairs(
        all.anchorPositive().maskedSelect(posMask),
        all.positive().maskedSelect(posMask),
        all.anchorNegative().maskedSelect(negMask),
        all.negative().maskedSelect(negMask));
  }
}
