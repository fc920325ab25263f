package dev.tripoint.compat.online;

import dev.tripoint.loss.LossResult;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Map;

/**
 * Both losses of a batch whose positives and negatives are given by masks, which the source does
 * not take: ordinary operators over the N² distances, with the source's rules for anchors that lack
 * something.
 */
final class MaskedBatch {

  /** Differences, not products: exact near zero, where the gradient is 0. */
  private static final long WITHOUT_PRODUCTS = 2;

  private static final Op CDIST = Op.of("aten::cdist");

  private MaskedBatch() {}

  /** An anchor without a positive counts with d_ap = 0, one without a negative costs the margin. */
  static LossResult hard(Tensor embeddings, Relation relation, double margin, boolean squared) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor distances = distances(embeddings, squared);
      Relation.Matches by = relation.matches();
      Tensor positive = distances.maskedFill(by.matches().logicalNot(), 0).max(1, false).values();
      Tensor others = by.diffs().logicalNot();
      Tensor nearest =
          distances.maskedFill(others, Double.POSITIVE_INFINITY).min(1, false).values();
      Tensor gap =
          positive.sub(nearest).maskedFill(by.diffs().any(1, false).logicalNot(), 0).add(margin);
      return new LossResult(scope.keep(gap.relu().mean()), Map.of());
    }
  }

  /** Lists the triplets, so it takes memory for them. */
  static LossResult all(Tensor embeddings, Relation relation, double margin, boolean squared) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor distances = distances(embeddings, squared);
      Triplets triplets = MinerUtils.getAllTripletsIndices(relation);
      Tensor losses =
          distances
              .index(triplets.anchor(), triplets.positive())
              .sub(distances.index(triplets.anchor(), triplets.negative()))
              .add(margin)
              .relu();
      double active = losses.gt(BatchAll.SMALLEST_ACTIVE).sum().item();
      return new LossResult(
          scope.keep(losses.sum().div(active + BatchAll.SMALLEST_ACTIVE)),
          Map.of("fraction_positive", active / (triplets.count() + BatchAll.SMALLEST_ACTIVE)));
    }
  }

  private static Tensor distances(Tensor embeddings, boolean squared) {
    Tensor distances = CDIST.callTensor(embeddings, embeddings, 2.0, WITHOUT_PRODUCTS);
    return squared ? distances.square() : distances;
  }
}
