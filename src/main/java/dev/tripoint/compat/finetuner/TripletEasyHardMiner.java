package dev.tripoint.compat.finetuner;

import dev.tripoint.miner.BatchEasyHardMiner.Strategy;
import dev.tripoint.miner.Miner;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;

/**
 * The triplets of an anchor and the positives and negatives chosen for it: {@code
 * finetuner.TripletEasyHardMiner}. A pair at distance 0 is passed over, as in the source, except
 * where all are taken.
 *
 * @param posStrategy which positive: easy, semihard, hard or all; hard by default
 * @param negStrategy which negative; hard by default
 * @param distance what is far; cosine by default
 */
public record TripletEasyHardMiner(
    Strategy posStrategy, Strategy negStrategy, FinetunerDistance distance) implements Miner {

  /**
   * @throws IllegalArgumentException if both are semihard, or one is and the other takes all
   */
  public TripletEasyHardMiner {
    var _ = new EasyHard(posStrategy, negStrategy);
  }

  public TripletEasyHardMiner(Strategy posStrategy, Strategy negStrategy) {
    this(posStrategy, negStrategy, FinetunerDistance.COSINE);
  }

  public TripletEasyHardMiner() {
    this(Strategy.HARD, Strategy.HARD);
  }

  public TripletEasyHardMiner with(FinetunerDistance distance) {
    return new TripletEasyHardMiner(posStrategy, negStrategy, distance);
  }

  @Override
  public Triplets mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      Tensor mat = distance.matrix(embeddings, refEmb);
      Relation.Matches chosen =
          new EasyHard(posStrategy, negStrategy).choose(mat, relation.matches());
      return MinerUtils.getAllTripletsIndices(chosen).map(scope::keep);
    }
  }
}
