package dev.tripoint.compat.finetuner;

import dev.tripoint.miner.BatchEasyHardMiner.Strategy;
import dev.tripoint.miner.Miner;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;

/**
 * For each row the positives and negatives chosen among the rows after it, since each pair counts
 * once: {@code finetuner.SiameseEasyHardMiner}. So the last row has none, and a row without a
 * positive after it may still have a negative. Beside references, among all of them. A pair at
 * distance 0 is passed over, as in the source, except where all are taken.
 *
 * @param posStrategy which positive: easy, semihard, hard or all; hard by default
 * @param negStrategy which negative; hard by default
 * @param distance what is far; cosine by default
 */
public record SiameseEasyHardMiner(
    Strategy posStrategy, Strategy negStrategy, FinetunerDistance distance) implements Miner {

  /**
   * @throws IllegalArgumentException if both are semihard, or one is and the other takes all
   */
  public SiameseEasyHardMiner {
    var _ = new EasyHard(posStrategy, negStrategy);
  }

  public SiameseEasyHardMiner(Strategy posStrategy, Strategy negStrategy) {
    this(posStrategy, negStrategy, FinetunerDistance.COSINE);
  }

  public SiameseEasyHardMiner() {
    this(Strategy.HARD, Strategy.HARD);
  }

  public SiameseEasyHardMiner with(FinetunerDistance distance) {
    return new SiameseEasyHardMiner(posStrategy, negStrategy, distance);
  }

  @Override
  public Pairs mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      Tensor mat = distance.matrix(embeddings, refEmb);
      Relation.Matches chosen =
          new EasyHard(posStrategy, negStrategy).choose(mat, SiameseMiner.upper(relation));
      return MinerUtils.getAllPairsIndices(chosen).map(scope::keep);
    }
  }
}
