package dev.tripoint.miner;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.tensor.Tensor;

/**
 * For each anchor its farthest positive and its closest negative: {@code pml.BatchHardMiner}. An
 * anchor without a positive or without a negative is left out; at a tie the first index is taken.
 *
 * @param distance what is far; {@link LpDistance} with its defaults by default
 */
public record BatchHardMiner(Distance distance) implements Miner, WithDistance<BatchHardMiner> {

  public BatchHardMiner() {
    this(new LpDistance());
  }

  @Override
  public BatchHardMiner with(Distance distance) {
    return new BatchHardMiner(distance);
  }

  @Override
  public Triplets mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    Pairs pairs =
        new BatchEasyHardMiner(BatchEasyHardMiner.Strategy.HARD, BatchEasyHardMiner.Strategy.HARD)
            .with(distance)
            .mine(embeddings, refEmb, relation);
    return new Triplets(pairs.anchorPositive(), pairs.positive(), pairs.negative());
  }
}
