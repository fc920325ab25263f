package dev.tripoint.corpus;

import org.jspecify.annotations.Nullable;

/**
 * What {@link CorpusMiner} keeps: the parameters of sentence-transformers' {@code
 * mine_hard_negatives}, with its names, defaults and meaning. "The positive score" of a query is
 * that of its least similar positive.
 *
 * <p>Of the source's parameters those are left out that are about texts, models and data sets:
 * prompts, encoding, a cross-encoder's scores, caches, faiss, and the forms of its output.
 *
 * @param rangeMin how many of the most similar survivors are passed over; 0 by default
 * @param rangeMax how many candidates are looked at beside the positives; null for {@code rangeMin
 *     + numNegatives + p}, or {@code rangeMin + 10 numNegatives + p} where a margin or {@code
 *     maxScore} is set, p being the most positives of a query
 * @param numNegatives how many negatives a query gets at most; 3 by default
 * @param maxScore candidates more similar than this are dropped; null for none
 * @param minScore candidates less similar than this are dropped; null for none
 * @param absoluteMargin candidates with score + margin above the positive score are dropped; null
 *     for none
 * @param relativeMargin candidates with a score above positive − |positive| · margin are dropped;
 *     null for none
 * @param random whether the negatives are drawn from the survivors in range, instead of the most
 *     similar; false by default
 * @param seed decides what is drawn; 0 by default
 * @param includePositives whether positives are candidates too, as for a ranking with them; false
 *     by default
 * @param deduplicate whether a row of the corpus that equals an earlier one counts as that one, as
 *     equal texts do in the source; false by default, since equal rows may be of different texts
 */
public record MiningOptions(
    int rangeMin,
    @Nullable Integer rangeMax,
    int numNegatives,
    @Nullable Double maxScore,
    @Nullable Double minScore,
    @Nullable Double absoluteMargin,
    @Nullable Double relativeMargin,
    boolean random,
    long seed,
    boolean includePositives,
    boolean deduplicate) {

  /** The defaults of the source. */
  public static final MiningOptions DEFAULT =
      new MiningOptions(0, null, 3, null, null, null, null, false, 0, false, false);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if a count is negative, or the range is too small for the
   *     number of negatives
   */
  public MiningOptions {
    if (numNegatives < 1) {
      throw new IllegalArgumentException(
          "num_negatives must be at least 1, but is " + numNegatives);
    }
    if (rangeMin < 0) {
      throw new IllegalArgumentException("range_min must be at least 0, but is " + rangeMin);
    }
    if (rangeMax != null && (long) rangeMin + numNegatives > rangeMax) {
      throw new IllegalArgumentException(
          "range_max must be at least range_min + num_negatives = %d, but is %d"
              .formatted((long) rangeMin + numNegatives, rangeMax));
    }
  }

  /** With this many negatives for each query, from the survivors after {@code rangeMin}. */
  public MiningOptions withRange(int rangeMin, @Nullable Integer rangeMax, int numNegatives) {
    return new MiningOptions(
        rangeMin,
        rangeMax,
        numNegatives,
        maxScore,
        minScore,
        absoluteMargin,
        relativeMargin,
        random,
        seed,
        includePositives,
        deduplicate);
  }

  /** With these bounds on a candidate's score; null for none. */
  public MiningOptions withScores(@Nullable Double minScore, @Nullable Double maxScore) {
    return new MiningOptions(
        rangeMin,
        rangeMax,
        numNegatives,
        maxScore,
        minScore,
        absoluteMargin,
        relativeMargin,
        random,
        seed,
        includePositives,
        deduplicate);
  }

  /** With these margins below the positive score; null for none. */
  public MiningOptions withMargins(
      @Nullable Double absoluteMargin, @Nullable Double relativeMargin) {
    return new MiningOptions(
        rangeMin,
        rangeMax,
        numNegatives,
        maxScore,
        minScore,
        absoluteMargin,
        relativeMargin,
        random,
        seed,
        includePositives,
        deduplicate);
  }

  /** With negatives drawn at random from the survivors in range. */
  public MiningOptions withRandom(long seed) {
    return new MiningOptions(
        rangeMin,
        rangeMax,
        numNegatives,
        maxScore,
        minScore,
        absoluteMargin,
        relativeMargin,
        true,
        seed,
        includePositives,
        deduplicate);
  }

  public MiningOptions withIncludePositives(boolean includePositives) {
    return new MiningOptions(
        rangeMin,
        rangeMax,
        numNegatives,
        maxScore,
        minScore,
        absoluteMargin,
        relativeMargin,
        random,
        seed,
        includePositives,
        deduplicate);
  }

  public MiningOptions withDeduplicate(boolean deduplicate) {
    return new MiningOptions(
        rangeMin,
        rangeMax,
        numNegatives,
        maxScore,
        minScore,
        absoluteMargin,
        relativeMargin,
        random,
        seed,
        includePositives,
        deduplicate);
  }

  /** How many candidates are looked at, where a query has this many positives at most. */
  long range(int mostPositives) {
    if (rangeMax != null) {
      return rangeMax;
    }
    boolean filtered = absoluteMargin != null || relativeMargin != null || maxScore != null;
    return rangeMin + (filtered ? 10L : 1L) * numNegatives + mostPositives;
  }
}
