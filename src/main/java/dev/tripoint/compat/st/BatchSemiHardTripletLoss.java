package dev.tripoint.compat.st;

import dev.tripoint.compat.batch.WholeBatch;
import dev.tripoint.loss.Loss;
import dev.tripoint.loss.LossResult;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import dev.tripoint.tensor.ValuesIndices;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * For each anchor and positive the nearest negative that is strictly farther than the positive, or,
 * where there is none, the farthest negative; max(0, d_ap − d_an + margin), and the mean over all
 * pairs of an anchor and a positive: {@code st.BatchSemiHardTripletLoss}.
 *
 * <p>Degenerate batches as in the source: a row without negatives compares with its smallest
 * distance, which is that to itself, so a batch of one class costs d_ap + margin; a batch without
 * positives costs 0. A tie between 0 and a loss shares the gradient.
 *
 * @param margin 5 by default
 * @param distanceMetric gives [N, N] for embeddings [N, D]; {@link
 *     BatchHardTripletLossDistanceFunction#EUCLIDEAN_DISTANCE} by default
 */
public record BatchSemiHardTripletLoss(double margin, UnaryOperator<Tensor> distanceMetric)
    implements Loss {

  private static final Op SEARCHSORTED = Op.of("aten::searchsorted.Tensor");
  private static final Op STABLE_SORT = Op.of("aten::sort.stable");

  /**
   * @throws IllegalArgumentException if the margin is not a number
   */
  public BatchSemiHardTripletLoss {
    Inputs.requireNumber("margin", margin);
  }

  public BatchSemiHardTripletLoss() {
    this(5);
  }

  public BatchSemiHardTripletLoss(double margin) {
    this(margin, BatchHardTripletLossDistanceFunction.EUCLIDEAN_DISTANCE);
  }

  public BatchSemiHardTripletLoss withDistanceMetric(UnaryOperator<Tensor> distanceMetric) {
    return new BatchSemiHardTripletLoss(margin, distanceMetric);
  }

  /** Takes no tuples and no references. Records nothing. */
  @Override
  public LossResult compute(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    Relation held = WholeBatch.require(embeddings, relation, tuples, refEmb);
    return BatchTriplets.result(() -> loss(embeddings, held));
  }

  private Tensor loss(Tensor embeddings, Relation relation) {
    Relation.Matches pairs = relation.matches();
    Tensor matrix = distanceMetric.apply(embeddings);
    Tensor others = pairs.diffs().logicalNot();
    Tensor sorted =
        STABLE_SORT.callTensor(matrix.maskedFill(others, Double.POSITIVE_INFINITY), true, 1);
    // How many of an anchor's negatives are not farther than each other row.
    Tensor place =
        SEARCHSORTED.callTensor(
            sorted.detach().contiguous(), matrix.detach().contiguous(), false, true);
    Tensor last = Torch.full((double) (matrix.size(1) - 1), place.dtype());
    Tensor outside = sorted.gather(1, place.minimum(last));
    Tensor negative = Torch.where(outside.isfinite(), outside, farthest(matrix, pairs.diffs()));
    Tensor losses = matrix.sub(negative).add(margin).maskedSelect(pairs.matches());
    return losses.maximum(Torch.zerosLike(losses)).sum().div((double) Math.max(losses.numel(), 1));
  }

  /** For each row its farthest negative, or its smallest distance where it has none: [N, 1]. */
  private static Tensor farthest(Tensor matrix, Tensor negatives) {
    ValuesIndices least = matrix.min(1, true);
    return matrix.sub(least.values()).mul(negatives).max(1, true).values().add(least.values());
  }
}
