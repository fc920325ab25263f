package dev.tripoint.loss;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a loss is computed from, checked.
 *
 * @param embeddings floats, [N, D]
 * @param relation who is a positive and who a negative of whom, [N, M]; null where only tuples are
 *     given, or nothing
 * @param tuples what a miner found, or null
 * @param refEmb floats, [M, D]; the embeddings themselves, the same object, where there are no
 *     references
 */
public record LossInput(
    Tensor embeddings, @Nullable Relation relation, @Nullable IndexTuples tuples, Tensor refEmb) {

  /** Whether the embeddings are their own references. */
  public boolean self() {
    return refEmb.equals(embeddings);
  }

  /** The given tuples as pairs, else all pairs of the relation. */
  public Pairs pairs() {
    return MinerUtils.convertToPairs(tuples, relation);
  }

  /** The given tuples as triplets, else all triplets of the relation. */
  public Triplets triplets() {
    return triplets(OptionalInt.empty(), null);
  }

  /**
   * The given tuples as triplets, else those of the relation: all, or random ones.
   *
   * @param perAnchor how many to draw for each anchor; empty for all triplets
   * @param generator where the draws come from; null for LibTorch's global generator
   */
  public Triplets triplets(OptionalInt perAnchor, @Nullable Generator generator) {
    return MinerUtils.convertToTriplets(tuples, relation, perAnchor, generator);
  }

  /**
   * The relation, for what cannot do with tuples alone.
   *
   * @param who names it in the message
   * @throws IllegalArgumentException if there is none, or it leaves out the references
   */
  public Relation requireRelation(String who) {
    if (relation == null) {
      throw new IllegalArgumentException(who + " needs labels");
    }
    if (!self() && relation instanceof Relation.Labels by && by.refLabels() == null) {
      throw new IllegalArgumentException(who + " needs the labels of the references, too");
    }
    return relation;
  }

  /**
   * The labels, [N], for what cannot do with masks or tuples alone.
   *
   * @param who names it in the message
   * @throws IllegalArgumentException if there are none
   */
  public Tensor requireLabels(String who) {
    return requireRelation(who).requireLabels(who).labels();
  }

  /**
   * Refuses references, for what the source refuses them for.
   *
   * @param who names it in the message
   * @throws IllegalArgumentException if there are any
   */
  public void requireNoReferences(String who) {
    if (!self()) {
      throw new IllegalArgumentException(who + " takes no references");
    }
  }

  /**
   * Refuses tuples, for what the source refuses them for.
   *
   * @param who names it in the message
   * @throws IllegalArgumentException if there are any
   */
  public void requireNoTuples(String who) {
    if (tuples != null) {
      throw new IllegalArgumentException(who + " takes no tuples");
    }
  }
}
