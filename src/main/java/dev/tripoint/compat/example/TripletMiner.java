package dev.tripoint.compat.example;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Miner;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.tensor.Tensor;

/**
 * Triplets whose negative is farther than their positive by a margin at most: {@code
 * example.TripletMiner}. Call it by {@link #forward}.
 *
 * @param margin 0.1 by default
 * @param distance {@link LpDistance} with its defaults by default
 */
public record TripletMiner(double margin, Distance distance)
    implements Miner, WithDistance<TripletMiner> {

  public TripletMiner() {
    this(0.1);
  }

  public TripletMiner(double margin) {
    this(margin, new LpDistance());
  }

  @Override
  public TripletMiner with(Distance distance) {
    return new TripletMiner(margin, distance);
  }

  @Override
  public IndexTuples mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    Tensor mat = distance.matrix(embeddings, refEmb);
    Triplets all = MinerUtils.getAllTripletsIndices(relation);
    Tensor posPairs = mat.index(all.anchor(), all.positive());
    Tensor negPairs = mat.index(all.anchor(), all.negative());
    Tensor gap = distance.isInverted() ? posPairs.sub(negPairs) : negPairs.sub(posPairs);
    Tensor near = gap.le(margin);
    return all.map(indices -> indices.maskedSelect(near));
  }
}
