package dev.tripoint.compat.online;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Inputs;
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

  /** Checks, and gives the labels back as what they are known to be. */
  static Tensor require(
      Tensor embeddings,
      @Nullable Tensor labels,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb,
      @Nullable Tensor refLabels) {
    if (tuples != null || refEmb != null || refLabels != null) {
      throw new IllegalArgumentException(
          "this loss mines the batch itself: it takes no tuples and no references");
    }
    if (labels == null) {
      throw new IllegalArgumentException("labels are needed");
    }
    Inputs.requireBatch(embeddings, labels, null, null);
    return labels;
  }

  static String distance(boolean squared) {
    return squared ? "sqeuclidean" : "euclidean";
  }
}
