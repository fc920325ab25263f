package dev.tripoint.miner;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import dev.tripoint.tensor.ValuesIndices;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * For each anchor one positive and one negative, each easy, semihard or hard, or all of them:
 * {@code pml.BatchEasyHardMiner}. A hard positive is far and a hard negative close; semihard is the
 * hardest that is still strictly easier than what was chosen on the other side. With one of each
 * side, an anchor that lacks either is left out; with {@link Strategy#ALL} on a side the other side
 * is not restricted by it. At a tie the first index is taken.
 *
 * <p>With one of each side, a relation of {@link OperatorRelation} and a distance of {@link
 * OperatorDistance}, it runs on the operator {@code tripoint::batch_easy_hard}, which needs no
 * memory for all pairs; else over the distance's matrix.
 *
 * @param posStrategy which positive; easy by default
 * @param negStrategy which negative; semihard by default
 * @param allowedPosRange positives outside are passed over; null for no bounds
 * @param allowedNegRange negatives outside are passed over; null for no bounds
 * @param distance what is far; {@link LpDistance} with its defaults by default
 */
public record BatchEasyHardMiner(
    Strategy posStrategy,
    Strategy negStrategy,
    @Nullable Range allowedPosRange,
    @Nullable Range allowedNegRange,
    Distance distance)
    implements Miner, WithDistance<BatchEasyHardMiner> {

  private static final Op BATCH_EASY_HARD = Op.of("tripoint::batch_easy_hard");

  /** Which of an anchor's candidates. */
  public enum Strategy {
    HARD,
    SEMIHARD,
    EASY,
    ALL;

    private final String word = name().toLowerCase(Locale.ROOT);
  }

  /** Bounds on a distance, both inclusive. */
  public record Range(double low, double high) {}

  /** For each anchor the chosen candidate's distance and index, and whether there was one. */
  private record Choice(Tensor distances, Tensor indices, Tensor found) {}

  /**
   * @throws IllegalArgumentException if both sides are semihard, or one is and the other takes all
   */
  public BatchEasyHardMiner {
    boolean semihard = posStrategy == Strategy.SEMIHARD || negStrategy == Strategy.SEMIHARD;
    if (semihard && posStrategy == negStrategy) {
      throw new IllegalArgumentException("posStrategy and negStrategy cannot both be semihard");
    }
    if (semihard && (posStrategy == Strategy.ALL || negStrategy == Strategy.ALL)) {
      throw new IllegalArgumentException("semihard cannot be used in combination with all");
    }
  }

  public BatchEasyHardMiner(Strategy posStrategy, Strategy negStrategy) {
    this(posStrategy, negStrategy, null, null, new LpDistance());
  }

  public BatchEasyHardMiner() {
    this(Strategy.EASY, Strategy.SEMIHARD);
  }

  @Override
  public BatchEasyHardMiner with(Distance distance) {
    return new BatchEasyHardMiner(
        posStrategy, negStrategy, allowedPosRange, allowedNegRange, distance);
  }

  public BatchEasyHardMiner withAllowedPosRange(@Nullable Range range) {
    return new BatchEasyHardMiner(posStrategy, negStrategy, range, allowedNegRange, distance);
  }

  public BatchEasyHardMiner withAllowedNegRange(@Nullable Range range) {
    return new BatchEasyHardMiner(posStrategy, negStrategy, allowedPosRange, range, distance);
  }

  @Override
  public Pairs mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      if (refEmb.size(0) == 0) {
        Triplets none = MinerUtils.none();
        return new Pairs(none.anchor(), none.positive(), none.anchor().retain(), none.negative())
            .map(scope::keep);
      }
      boolean one = posStrategy != Strategy.ALL && negStrategy != Strategy.ALL;
      OperatorBatch batch = one ? OperatorBatch.of(distance, embeddings, refEmb, relation) : null;
      if (batch != null) {
        return byOperator(batch).map(scope::keep);
      }
      Tensor mat = distance.matrix(embeddings, refEmb);
      Relation.Matches by = relation.matches();
      return choose(mat, by.matches(), by.diffs()).map(scope::keep);
    }
  }

  private Pairs byOperator(OperatorBatch batch) {
    Range positives = window(batch.distance(), allowedPosRange);
    Range negatives = window(batch.distance(), allowedNegRange);
    Tensor[] chosen =
        batch.call(
            BATCH_EASY_HARD,
            2,
            posStrategy.word,
            negStrategy.word,
            positives == null ? null : positives.low(),
            positives == null ? null : positives.high(),
            negatives == null ? null : negatives.low(),
            negatives == null ? null : negatives.high());
    Tensor positive = chosen[0];
    Tensor negative = chosen[1];
    Tensor anchor = rows(positive.ge(0).logicalAnd(negative.ge(0)));
    return new Pairs(
        anchor, positive.indexSelect(0, anchor), anchor.retain(), negative.indexSelect(0, anchor));
  }

  /** A range in the operator's unit. */
  private static @Nullable Range window(OperatorDistance known, @Nullable Range range) {
    return range != null && known.isCosine() ? new Range(1 - range.high(), 1 - range.low()) : range;
  }

  private Pairs choose(Tensor mat, Tensor matches, Tensor diffs) {
    boolean allPositives = posStrategy == Strategy.ALL;
    boolean allNegatives = negStrategy == Strategy.ALL;
    Choice positive = null;
    Choice negative = null;
    if (posStrategy == Strategy.SEMIHARD) {
      negative = negative(mat, diffs, null);
      positive = positive(mat, matches, negative.distances());
    } else {
      positive = allPositives ? null : positive(mat, matches, null);
      Tensor threshold =
          negStrategy == Strategy.SEMIHARD && positive != null ? positive.distances() : null;
      negative = allNegatives ? null : negative(mat, diffs, threshold);
    }
    if (positive != null && negative != null) {
      Tensor anchor = rows(positive.found().logicalAnd(negative.found()));
      return new Pairs(
          anchor,
          positive.indices().indexSelect(0, anchor),
          anchor.retain(),
          negative.indices().indexSelect(0, anchor));
    }
    Tensor[] positives = positive == null ? all(matches) : chosen(positive);
    Tensor[] negatives = negative == null ? all(diffs) : chosen(negative);
    return new Pairs(positives[0], positives[1], negatives[0], negatives[1]);
  }

  private Choice positive(Tensor mat, Tensor candidates, @Nullable Tensor threshold) {
    boolean farthest = posStrategy != Strategy.EASY;
    return perRow(mat, candidates, farthest, allowedPosRange, threshold);
  }

  private Choice negative(Tensor mat, Tensor candidates, @Nullable Tensor threshold) {
    boolean farthest = negStrategy == Strategy.EASY;
    return perRow(mat, candidates, farthest, allowedNegRange, threshold);
  }

  /**
   * The farthest or closest candidate of each row, of those in range and strictly on the easier
   * side of a threshold.
   */
  private Choice perRow(
      Tensor mat,
      Tensor candidates,
      boolean farthest,
      @Nullable Range range,
      @Nullable Tensor threshold) {
    boolean greatest = farthest != distance.isInverted();
    Tensor allowed = candidates;
    if (threshold != null) {
      Tensor limit = threshold.unsqueeze(1);
      allowed = allowed.logicalAnd(greatest ? mat.lt(limit) : mat.gt(limit));
    }
    if (range != null) {
      allowed = allowed.logicalAnd(mat.ge(range.low())).logicalAnd(mat.le(range.high()));
    }
    double worst = greatest ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    Tensor filled = mat.maskedFill(allowed.logicalNot(), worst);
    ValuesIndices best = greatest ? filled.max(1, false) : filled.min(1, false);
    return new Choice(best.values(), best.indices(), allowed.any(1, false));
  }

  private static Tensor[] all(Tensor candidates) {
    return Torch.where(candidates).toArray(Tensor[]::new);
  }

  private static Tensor[] chosen(Choice choice) {
    Tensor anchor = rows(choice.found());
    return new Tensor[] {anchor, choice.indices().indexSelect(0, anchor)};
  }

  private static Tensor rows(Tensor mask) {
    return mask.nonzero().select(1, 0);
  }
}
