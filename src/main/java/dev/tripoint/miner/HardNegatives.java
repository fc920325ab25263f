package dev.tripoint.miner;

import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Hard negatives from scores and a mask of positives: for each positive of each anchor, or for each
 * anchor, the most similar of the negatives that a strategy admits. Positives are never chosen; a
 * tie goes to the lowest index. Where scores are square, the diagonal is neither positive nor
 * negative, unless rows and columns are different things and {@code keepDiagonal} says so. Runs on
 * the operator {@code tripoint::hard_negatives}, without gradient.
 *
 * @param strategy which negatives are admitted; {@link Strategy#HARDEST} by default
 * @param per what each gets its negative; {@link Per#POSITIVE} by default
 * @param margin for {@link Strategy#SEMIHARD} and {@link Strategy#EASY}; null for none
 * @param all whether every admitted negative is taken, by column, and not only the most similar;
 *     false by default
 * @param distances whether scores are distances, so that smaller means more similar; false by
 *     default
 * @param keepDiagonal whether the diagonal of square scores counts as any other entry; false by
 *     default
 */
public record HardNegatives(
    Strategy strategy,
    Per per,
    @Nullable Double margin,
    boolean all,
    boolean distances,
    boolean keepDiagonal) {

  /** Which negatives are admitted, by their similarity to the anchor beside the positive's. */
  public enum Strategy {
    /** All. */
    HARDEST,
    /** Those strictly more similar. */
    HARD,
    /** Those strictly less similar, and where a margin is given by less than it. */
    SEMIHARD,
    /** Those less similar by more than the margin, 0 where none is given. */
    EASY
  }

  /** What each gets its negative. */
  public enum Per {
    /** Each positive of each anchor. */
    POSITIVE,
    /**
     * Each anchor that has a positive; its least similar positive is what strategies compare with.
     */
    ANCHOR
  }

  /**
   * What was found, sorted by anchor and then positive.
   *
   * @param anchor int64, [K], rows of the scores
   * @param positive int64, [K], columns of the scores; per anchor, that of its least similar
   *     positive, of equal ones the lowest
   * @param negative int64, [K], columns of the scores
   * @param withoutNegative how many positives, or anchors, were left out because no negative was
   *     admitted
   */
  public record Mined(Tensor anchor, Tensor positive, Tensor negative, long withoutNegative) {

    /** The chosen negatives as a mask: bool, [rows, columns]. */
    public Tensor mask(long rows, long columns) {
      try (TensorScope scope = TensorScope.open()) {
        Tensor mask = Torch.zeros(DType.BOOL, rows * columns);
        Tensor cells = anchor.mul(columns).add(negative);
        Tensor chosen = mask.scatter(0, cells, Torch.ones(DType.BOOL, cells.numel()));
        return scope.keep(chosen.reshape(rows, columns));
      }
    }
  }

  private static final Op HARD_NEGATIVES = Op.of("tripoint::hard_negatives");

  /**
   * @throws IllegalArgumentException if the margin is negative, not a number, or has no meaning for
   *     the strategy
   */
  public HardNegatives {
    if (margin != null) {
      if (!(margin >= 0)) {
        throw new IllegalArgumentException("margin must be 0 or more, but is " + margin);
      }
      if (strategy == Strategy.HARDEST || strategy == Strategy.HARD) {
        throw new IllegalArgumentException(
            "margin has no meaning for the strategy " + name(strategy) + ": use semihard or easy");
      }
    }
  }

  public HardNegatives() {
    this(Strategy.HARDEST, Per.POSITIVE, null, false, false, false);
  }

  public HardNegatives with(Strategy strategy) {
    return new HardNegatives(strategy, per, margin, all, distances, keepDiagonal);
  }

  public HardNegatives with(Per per) {
    return new HardNegatives(strategy, per, margin, all, distances, keepDiagonal);
  }

  public HardNegatives withMargin(@Nullable Double margin) {
    return new HardNegatives(strategy, per, margin, all, distances, keepDiagonal);
  }

  public HardNegatives withAll(boolean all) {
    return new HardNegatives(strategy, per, margin, all, distances, keepDiagonal);
  }

  public HardNegatives withDistances(boolean distances) {
    return new HardNegatives(strategy, per, margin, all, distances, keepDiagonal);
  }

  public HardNegatives withKeepDiagonal(boolean keepDiagonal) {
    return new HardNegatives(strategy, per, margin, all, distances, keepDiagonal);
  }

  /** {@link #mine(Tensor, Tensor, Tensor)} with nothing ignored. */
  public Mined mine(Tensor scores, Tensor positiveMask) {
    return mine(scores, positiveMask, null);
  }

  /**
   * Mines.
   *
   * @param scores floats, [B, N]
   * @param positiveMask bool, [B, N], or uint8, [B, ⌈N / 8⌉], as of {@link Relation.Bits}
   * @param ignoreMask of either form too, true for entries that are neither positive nor negative;
   *     or null
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Mined mine(Tensor scores, Tensor positiveMask, @Nullable Tensor ignoreMask) {
    Inputs.requireFloatMatrix("scores", scores);
    requireMask("positiveMask", positiveMask, scores);
    if (ignoreMask != null) {
      requireMask("ignoreMask", ignoreMask, scores);
    }
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      List<Object> found =
          HARD_NEGATIVES.call(
              scores,
              positiveMask,
              ignoreMask,
              name(strategy),
              margin,
              name(per),
              all,
              distances,
              keepDiagonal);
      return new Mined(
          scope.keep((Tensor) found.get(0)),
          scope.keep((Tensor) found.get(1)),
          scope.keep((Tensor) found.get(2)),
          ((Tensor) found.get(3)).itemLong());
    }
  }

  private static void requireMask(String name, Tensor mask, Tensor scores) {
    if (!PackedBits.holds(mask, scores.size(1)) || mask.size(0) != scores.size(0)) {
      Inputs.requireMask(name, mask, "scores", scores);
    }
  }

  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
