package dev.tripoint.compat.finetuner;

import dev.tripoint.miner.BatchEasyHardMiner.Strategy;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import dev.tripoint.tensor.ValuesIndices;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * finetuner's strategies: for each row one positive and one negative, each easy, semihard or hard,
 * or all. Hard positives are far and hard negatives near; semihard is the hardest that is strictly
 * easier than the other side's choice; the first of equal ones is taken.
 *
 * <p>The source keeps distances in a matrix whose zeros mean "none". So, as there, a pair at
 * distance 0 is passed over; and where the other side has no choice, semihard compares with 0 if
 * that side looks for its farthest and with 1 if it looks for its nearest. Where the nearest is
 * wanted and all are at distance 0 the source takes row 0 if it happens to be among them; here
 * nothing is taken.
 *
 * @param pos which positives
 * @param neg which negatives
 */
record EasyHard(Strategy pos, Strategy neg) {

  /** The chosen entries of a matrix, at most one in a row, and the distances of the choices. */
  private record Choice(Tensor mask, Tensor distances) {}

  EasyHard {
    boolean semihard = pos == Strategy.SEMIHARD || neg == Strategy.SEMIHARD;
    if (semihard && (pos == neg || pos == Strategy.ALL || neg == Strategy.ALL)) {
      throw new IllegalArgumentException(
          "pos_strategy and neg_strategy cannot be %s and %s: semihard needs easy or hard on the other side"
              .formatted(pos.name().toLowerCase(Locale.ROOT), neg.name().toLowerCase(Locale.ROOT)));
    }
  }

  /** Keeps the chosen positives and negatives of those that there are. */
  Relation.Matches choose(Tensor mat, Relation.Matches by) {
    if (mat.numel() == 0) {
      return by;
    }
    if (pos == Strategy.SEMIHARD) {
      Choice negative = negative(mat, by.diffs(), null);
      Choice positive = positive(mat, by.matches(), negative.distances());
      return new Relation.Matches(positive.mask(), negative.mask());
    }
    if (neg == Strategy.SEMIHARD) {
      Choice positive = positive(mat, by.matches(), null);
      Choice negative = negative(mat, by.diffs(), positive.distances());
      return new Relation.Matches(positive.mask(), negative.mask());
    }
    return new Relation.Matches(
        pos == Strategy.ALL ? by.matches() : positive(mat, by.matches(), null).mask(),
        neg == Strategy.ALL ? by.diffs() : negative(mat, by.diffs(), null).mask());
  }

  private Choice positive(Tensor mat, Tensor candidates, @Nullable Tensor limit) {
    return perRow(mat, candidates, pos != Strategy.EASY, limit);
  }

  private Choice negative(Tensor mat, Tensor candidates, @Nullable Tensor limit) {
    return perRow(mat, candidates, neg == Strategy.EASY, limit);
  }

  private static Choice perRow(
      Tensor mat, Tensor candidates, boolean farthest, @Nullable Tensor limit) {
    Tensor allowed = candidates.logicalAnd(mat.gt(0));
    if (limit != null) {
      allowed = allowed.logicalAnd(farthest ? mat.lt(limit) : mat.gt(limit));
    }
    double worst = farthest ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    Tensor filled = mat.maskedFill(allowed.logicalNot(), worst);
    ValuesIndices best = farthest ? filled.max(1, true) : filled.min(1, true);
    Tensor chosen = Torch.arange(mat.size(1)).eq(best.indices());
    Tensor none = allowed.any(1, true).logicalNot();
    return new Choice(chosen.logicalAnd(allowed), best.values().maskedFill(none, farthest ? 0 : 1));
  }
}
