package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.List;
import java.util.Map;

/**
 * The histogram loss: {@code pml.HistogramLoss}. It estimates the probability that a random
 * negative pair is more similar than a random positive pair, from two histograms whose bins share
 * each similarity linearly. Only pairs of anchors that have a positive and a negative count, each
 * pair once whichever end is the anchor. A batch without triplets gives 0 with gradient 0. It takes
 * no references.
 *
 * <p>Bin edges are rounded to float32, as in the source. A similarity of 1 belongs to the last bin,
 * where the source fails.
 *
 * @param delta how wide a bin is, from −1 on; 0.02 by default, which is 100 bins
 * @param distance must give similarities from −1 to 1; {@link CosineSimilarity} by default
 * @param reducer {@link MeanReducer} by default; as there is a single loss, it has nothing to do
 */
public record HistogramLoss(double delta, Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<HistogramLoss>, WithReducer<HistogramLoss> {

  private static final int DEFAULT_BINS = 100;

  /** How far rounding may carry a similarity beyond 1; float16 is the coarsest. */
  private static final double ROUNDING = 1e-2;

  /**
   * @throws IllegalArgumentException if delta is not above 0 and at most 2
   */
  public HistogramLoss {
    if (!(delta > 0 && delta <= 2)) {
      throw new IllegalArgumentException("delta must be above 0 and at most 2, but is " + delta);
    }
  }

  public HistogramLoss(double delta) {
    this(delta, new CosineSimilarity(), new MeanReducer());
  }

  public HistogramLoss() {
    this(2.0 / DEFAULT_BINS);
  }

  /** With so many bins between −1 and 1. */
  public HistogramLoss withBins(int bins) {
    if (bins < 1) {
      throw new IllegalArgumentException("bins must be 1 or more, but is " + bins);
    }
    return withDelta(2.0 / bins);
  }

  public HistogramLoss withDelta(double delta) {
    return new HistogramLoss(delta, distance, reducer);
  }

  @Override
  public HistogramLoss with(Distance distance) {
    return new HistogramLoss(delta, distance, reducer);
  }

  @Override
  public HistogramLoss with(Reducer reducer) {
    return new HistogramLoss(delta, distance, reducer);
  }

  /**
   * @throws IllegalArgumentException if a value of the distance is no number from −1 to 1
   */
  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    input.requireNoReferences("HistogramLoss");
    Tensor embeddings = input.embeddings();
    Relation.Matches pairs = pairsOfTriplets(input);
    if (!pairs.matches().any().itemBoolean()) {
      return LossTerms.none(embeddings).alone();
    }
    Tensor mat = distance.matrix(embeddings, embeddings);
    Tensor positive = density(mat.maskedSelect(onceEach(pairs.matches())));
    Tensor negative = density(mat.maskedSelect(onceEach(pairs.diffs())));
    Tensor loss = negative.mul(positive.cumsum(0)).sum();
    return new LossTerms(loss, LossTerms.Kind.ALREADY_REDUCED, List.of()).alone();
  }

  /** The pairs that stand in triplets: bool, [N, N] each. */
  private static Relation.Matches pairsOfTriplets(LossInput input) {
    if (input.tuples() == null) {
      Relation.Matches by = input.requireRelation("HistogramLoss").matches();
      Tensor both = by.matches().any(1, true).logicalAnd(by.diffs().any(1, true));
      return new Relation.Matches(by.matches().logicalAnd(both), by.diffs().logicalAnd(both));
    }
    Triplets triplets = input.triplets();
    long rows = input.embeddings().size(0);
    return new Relation.Matches(
        new PairSide.Given(List.of(triplets.anchor(), triplets.positive()), rows, rows).mask(),
        new PairSide.Given(List.of(triplets.anchor(), triplets.negative()), rows, rows).mask());
  }

  /** Pairs that stand at (i, j) or (j, i), at the one with i ≤ j. */
  private static Tensor onceEach(Tensor pairs) {
    return pairs.logicalOr(pairs.t()).triu(0);
  }

  /** How much of the similarities lies at each edge of a bin. */
  private Tensor density(Tensor similarities) {
    Tensor fromLowest = similarities.add(1);
    if (!fromLowest.ge(-ROUNDING).logicalAnd(fromLowest.le(2 + ROUNDING)).all().itemBoolean()) {
      throw new IllegalArgumentException(
          "HistogramLoss needs a distance that gives similarities from -1 to 1");
    }
    long bins = (long) Math.ceil(2 / delta);
    Tensor bin =
        fromLowest
            .detach()
            .to(DType.FLOAT32)
            .div(delta)
            .floor()
            .clamp(0.0, (double) bins - 1)
            .to(DType.INT64);
    Tensor above = fromLowest.sub(edge(bin, 0).to(similarities.dtype())).div(delta);
    Tensor below = edge(bin.add(1), 1).to(similarities.dtype()).sub(similarities).div(delta);
    return Torch.zeros(similarities.dtype(), bins + 1)
        .indexAdd(0, bin.add(1), above)
        .indexAdd(0, bin, below)
        .div(similarities.numel());
  }

  /** Where bins begin, counted from {@code origin − 1}; in float32. */
  private Tensor edge(Tensor bin, long origin) {
    return bin.to(DType.FLOAT32).mul(delta).sub(origin);
  }
}
