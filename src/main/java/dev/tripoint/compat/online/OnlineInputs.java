package dev.tripoint.compat.online;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** What both losses ask of their inputs. */
final class OnlineInputs {

  private OnlineInputs() {}

  static void requireMargin(double margin) {
    if (Double.isNaN(margin)) {
      throw new IllegalArgumentException("margin must be a number, but is NaN");
    }
  }

  /** Checks, and gives the relation back. */
  static Relation require(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    if (tuples != null || refEmb != null) {
      throw new IllegalArgumentException(
          "this loss mines the batch itself: it takes no tuples and no references");
    }
    if (relation == null) {
      throw new IllegalArgumentException("labels are needed");
    }
    return Inputs.requireBatch(embeddings, relation, null);
  }

  static String distance(boolean squared) {
    return squared ? "sqeuclidean" : "euclidean";
  }
}
