package dev.tripoint.compat.batch;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The rules of losses that find the triplets of a batch themselves, over a matrix of all distances:
 * for what Tripoint's operators do not take, as distances of the caller's.
 */
public final class WholeBatch {

  /** The greatest loss that does not count; the sources add it to their counts, too. */
  private static final double NOTHING = 1e-16;

  private WholeBatch() {}

  /**
   * The loss of all triplets.
   *
   * @param loss the mean over those that count
   * @param active how many count
   * @param triplets how many there are
   */
  public record AllTriplets(Tensor loss, long active, long triplets) {}

  /** Checks, and gives the relation back. */
  public static Relation require(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    if (tuples != null || refEmb != null) {
      throw new IllegalArgumentException(
          "this loss finds its triplets itself: it takes no tuples and no references");
    }
    if (relation == null) {
      throw new IllegalArgumentException("labels or a mask of positives are needed");
    }
    return Inputs.requireBatch(embeddings, relation, null);
  }

  /**
   * By how much each anchor's farthest positive is farther than its nearest negative. An anchor
   * without a positive counts with distance 0; one without a negative gives 0 without gradient.
   *
   * @param distances [N, N]
   * @return [N]
   */
  public static Tensor hardest(Tensor distances, Relation relation) {
    Relation.Matches by = relation.matches();
    Tensor positive = distances.maskedFill(by.matches().logicalNot(), 0).max(1, false).values();
    Tensor negative =
        distances
            .maskedFill(by.diffs().logicalNot(), Double.POSITIVE_INFINITY)
            .min(1, false)
            .values();
    return positive.sub(negative).maskedFill(by.diffs().any(1, false).logicalNot(), 0);
  }

  /**
   * max(0, d_ap − d_an + margin) over all triplets. Takes memory for every pair of positives times
   * N.
   *
   * @param distances [N, N]
   */
  public static AllTriplets all(Tensor distances, Relation relation, double margin) {
    Relation.Matches by = relation.matches();
    Tensor found = by.matches().nonzero();
    Tensor anchor = found.select(1, 0);
    Tensor toPositive = distances.index(anchor, found.select(1, 1)).unsqueeze(1);
    Tensor violation = toPositive.sub(distances.indexSelect(0, anchor)).add(margin);
    Tensor losses = violation.maskedSelect(by.diffs().indexSelect(0, anchor)).relu();
    long active = losses.gt(NOTHING).sum().itemLong();
    return new AllTriplets(losses.sum().div(active + NOTHING), active, losses.numel());
  }
}
