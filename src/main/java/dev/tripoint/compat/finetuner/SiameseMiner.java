package dev.tripoint.compat.finetuner;

import dev.tripoint.miner.Miner;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;

/**
 * All pairs of a batch, each once, the row that comes first as its anchor: {@code
 * finetuner.SiameseMiner}. Beside references, all pairs of a row and a reference.
 */
public record SiameseMiner() implements Miner {

  @Override
  public Pairs mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    return eachOnce(relation);
  }

  /** The pairs (i, j) with i &lt; j of a batch that is its own reference, else all. */
  static Pairs eachOnce(Relation relation) {
    try (TensorScope scope = TensorScope.open()) {
      return MinerUtils.getAllPairsIndices(upper(relation)).map(scope::keep);
    }
  }

  static Relation.Matches upper(Relation relation) {
    Relation.Matches by = relation.matches();
    return relation.self() ? new Relation.Matches(by.matches().triu(1), by.diffs().triu(1)) : by;
  }
}
