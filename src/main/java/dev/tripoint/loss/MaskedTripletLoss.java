package dev.tripoint.loss;

import dev.tripoint.miner.HardNegatives;
import dev.tripoint.miner.Inputs;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The triplet loss of hard negatives mined from scores and a mask of positives: the mean over the
 * mined (a, p, n) of max(0, d_ap − d_an + alpha), where d is 1 − score, or the score itself where
 * scores are distances. The gradient goes to the chosen scores alone. Where nothing is mined the
 * loss is 0 with gradient 0.
 *
 * @param alpha the margin
 * @param negatives how negatives are mined, one or all for each positive; the hardest by default
 */
public record MaskedTripletLoss(double alpha, HardNegatives negatives) {

  /**
   * @throws IllegalArgumentException if alpha is not a number, or negatives are mined per anchor,
   *     which leaves no positive to compare with
   */
  public MaskedTripletLoss {
    Inputs.requireNumber("alpha", alpha);
    if (negatives.per() == HardNegatives.Per.ANCHOR) {
      throw new IllegalArgumentException("negatives must be mined per positive, not per anchor");
    }
  }

  public MaskedTripletLoss(double alpha) {
    this(alpha, new HardNegatives());
  }

  public MaskedTripletLoss(
      double alpha, HardNegatives.Strategy strategy, boolean distances, boolean keepDiagonal) {
    this(
        alpha,
        new HardNegatives().with(strategy).withDistances(distances).withKeepDiagonal(keepDiagonal));
  }

  public MaskedTripletLoss with(HardNegatives negatives) {
    return new MaskedTripletLoss(alpha, negatives);
  }

  /** {@link #compute(Tensor, Tensor, Tensor)} with nothing ignored. */
  public LossResult compute(Tensor scores, Tensor positiveMask) {
    return compute(scores, positiveMask, null);
  }

  /**
   * Computes the loss.
   *
   * @param scores floats, [B, N]
   * @param positiveMask bool, [B, N]
   * @param ignoreMask bool, [B, N], true for entries that are neither positive nor negative; or
   *     null
   * @return the loss; stats {@code num_triplets} and {@code without_negative}
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public LossResult compute(Tensor scores, Tensor positiveMask, @Nullable Tensor ignoreMask) {
    try (TensorScope scope = TensorScope.open()) {
      HardNegatives.Mined mined = negatives.mine(scores, positiveMask, ignoreMask);
      Tensor positive = scores.index(mined.anchor(), mined.positive());
      Tensor negative = scores.index(mined.anchor(), mined.negative());
      // (1 − s_ap) − (1 − s_an) is s_an − s_ap, without the rounding of the two ones.
      Tensor gap = negatives.distances() ? positive.sub(negative) : negative.sub(positive);
      long count = mined.anchor().numel();
      // The sum of nothing is 0 and stays attached to the scores, whatever they hold.
      Tensor loss = gap.add(alpha).relu().sum().div((double) Math.max(count, 1));
      Map<String, Double> stats = new LinkedHashMap<>();
      stats.put("num_triplets", (double) count);
      stats.put("without_negative", (double) mined.withoutNegative());
      return new LossResult(scope.keep(loss), stats);
    }
  }

  /** The loss alone. */
  public Tensor forward(Tensor scores, Tensor positiveMask) {
    return compute(scores, positiveMask).loss();
  }
}
