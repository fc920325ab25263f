package dev.tripoint.compat.finetuner;

import dev.tripoint.miner.Miner;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.tensor.Tensor;

/** All triplets of a batch: {@code finetuner.TripletMiner}. */
public record TripletMiner() implements Miner {

  @Override
  public Triplets mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    return MinerUtils.getAllTripletsIndices(relation);
  }
}
