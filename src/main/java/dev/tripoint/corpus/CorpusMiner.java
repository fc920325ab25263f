package dev.tripoint.corpus;

import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.ValuesIndices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Hard negatives of queries in a corpus by cosine similarity: {@code mine_hard_negatives} of
 * sentence-transformers 6.2, on matrices. Exact: beside the inputs it takes memory for the nearest
 * rows of a block of queries and for the negatives.
 *
 * <p>Of a query's nearest {@code range + p} rows (see {@link MiningOptions}) its positives are
 * dropped, then what the margins and scores exclude; of the survivors, most similar first, {@code
 * rangeMin} are passed over and {@code numNegatives} are taken, among the first {@code range}.
 * Cosines are compared in float64; equal ones are ordered by index.
 */
public final class CorpusMiner {
  private static final long QUERY_BLOCK = 1024;

  private final MiningOptions options;

  /** A miner with these options. */
  public CorpusMiner(MiningOptions options) {
    this.options = options;
  }

  /**
   * Mines.
   *
   * @param queries floats, [Q, D], finite
   * @param corpus floats of the same dtype, [C, D], finite
   * @param positives for each query the rows of the corpus that are its positives
   * @return for each query the rows that are its negatives, most similar first; fewer than asked,
   *     or none, where not enough survive
   * @throws IllegalArgumentException if shapes do not fit or a positive is no row of the corpus
   */
  public List<long[]> mine(Tensor queries, Tensor corpus, List<long[]> positives) {
    return mineWithScores(queries, corpus, positives).stream().map(Negatives::rows).toList();
  }

  /** As {@link #mine}, with the score of each negative: {@code output_scores} of the source. */
  public List<Negatives> mineWithScores(Tensor queries, Tensor corpus, List<long[]> positives) {
    check(queries, corpus, positives);
    int most = positives.stream().mapToInt(p -> p.length).max().orElse(0);
    long range = options.range(most);
    Random random = new Random(options.seed());
    List<Negatives> negatives = new ArrayList<>();
    try (TensorScope _ = TensorScope.open();
        Autograd.Mode _ = Autograd.noGrad()) {
      Candidates candidates = new Candidates(corpus, options.deduplicate());
      for (long from = 0; from < queries.size(0); from += QUERY_BLOCK) {
        try (TensorScope _ = TensorScope.open()) {
          Tensor block = queries.narrow(0, from, Math.min(QUERY_BLOCK, queries.size(0) - from));
          ValuesIndices nearest = candidates.nearest(block, range + most);
          int columns = (int) nearest.values().size(1);
          double[] scores = nearest.values().toDoubleArray();
          long[] rows = nearest.indices().toLongArray();
          for (int query = 0; query < block.size(0); query++) {
            long[] theirs =
                LongStream.of(positives.get((int) from + query))
                    .map(candidates::first)
                    .distinct()
                    .toArray();
            negatives.add(
                choose(
                    Arrays.copyOfRange(scores, query * columns, (query + 1) * columns),
                    Arrays.copyOfRange(rows, query * columns, (query + 1) * columns),
                    theirs,
                    leastPositive(candidates, block.narrow(0, query, 1), theirs),
                    range,
                    random));
          }
        }
      }
    }
    return negatives;
  }

  private static void check(Tensor queries, Tensor corpus, List<long[]> positives) {
    if (queries.dim() != 2 || corpus.dim() != 2 || queries.size(1) != corpus.size(1)) {
      throw new IllegalArgumentException(
          "queries of shape %s and a corpus of shape %s, expected [Q, D] and [C, D]"
              .formatted(Arrays.toString(queries.sizes()), Arrays.toString(corpus.sizes())));
    }
    if (queries.size(0) != positives.size()) {
      throw new IllegalArgumentException(
          "%d queries and positives of %d".formatted(queries.size(0), positives.size()));
    }
    for (int query = 0; query < positives.size(); query++) {
      for (long row : positives.get(query)) {
        if (row < 0 || row >= corpus.size(0)) {
          throw new IllegalArgumentException(
              "positive %d of query %d is no row of a corpus of %d"
                  .formatted(row, query, corpus.size(0)));
        }
      }
    }
  }

  /** The score of a query's least similar positive, +∞ where it has none. */
  private double leastPositive(Candidates candidates, Tensor query, long[] positives) {
    boolean asked = options.absoluteMargin() != null || options.relativeMargin() != null;
    if (!asked || positives.length == 0) {
      return Double.POSITIVE_INFINITY;
    }
    return candidates.least(query, positives);
  }

  private Negatives choose(
      double[] scores, long[] rows, long[] positives, double least, long range, Random random) {
    int[] survivors =
        IntStream.range(0, rows.length)
            .filter(i -> rows[i] >= 0 && survives(scores[i], rows[i], positives, least))
            .limit(range)
            .skip(options.rangeMin())
            .toArray();
    int count = Math.min(options.numNegatives(), survivors.length);
    int[] taken = Arrays.copyOf(survivors, count);
    if (options.random() && count < survivors.length) {
      List<Integer> all = new ArrayList<>(Arrays.stream(survivors).boxed().toList());
      Collections.shuffle(all, random);
      taken = all.stream().limit(count).sorted().mapToInt(i -> i).toArray();
    }
    return new Negatives(
        Arrays.stream(taken).mapToLong(i -> rows[i]).toArray(),
        Arrays.stream(taken).mapToDouble(i -> scores[i]).toArray());
  }

  private boolean survives(double score, long row, long[] positives, double least) {
    if (!options.includePositives() && Arrays.stream(positives).anyMatch(p -> p == row)) {
      return false;
    }
    Double absolute = options.absoluteMargin();
    Double relative = options.relativeMargin();
    Double highest = options.maxScore();
    Double lowest = options.minScore();
    return !(absolute != null && score + absolute > least)
        && !(relative != null
            && least < Double.POSITIVE_INFINITY
            && score > least - Math.abs(least) * relative)
        && !(highest != null && score > highest)
        && !(lowest != null && score < lowest);
  }
}
