package dev.tripoint.corpus;

import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import dev.tripoint.tensor.ValuesIndices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Hard negatives of queries in a corpus by cosine similarity: {@code mine_hard_negatives} of
 * sentence-transformers 6.2, on matrices. Exact, block by block: beside the inputs it takes memory
 * for one block of scores and for the candidates.
 *
 * <p>Of a query's nearest {@code range + p} rows (see {@link MiningOptions}) its positives are
 * dropped, then what the margins and scores exclude; of the survivors, most similar first, {@code
 * rangeMin} are passed over and {@code numNegatives} are taken, among the first {@code range}.
 * Equal scores are ordered by index.
 */
public final class CorpusMiner {
  private static final long QUERY_BLOCK = 256;
  private static final long CORPUS_BLOCK = 16_384;
  private static final double SMALLEST_NORM = 1e-12;

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
    check(queries, corpus, positives);
    int most = positives.stream().mapToInt(p -> p.length).max().orElse(0);
    long range = options.range(most);
    int candidates = Math.toIntExact(Math.min(range + most, corpus.size(0)));
    try (TensorScope _ = TensorScope.open();
        Autograd.Mode _ = Autograd.noGrad()) {
      Tensor directions = normalised(queries);
      ValuesIndices nearest = nearest(directions, corpus, candidates);
      double[] scores = nearest.values().toDoubleArray();
      long[] rows = nearest.indices().toLongArray();
      double[] least = leastPositive(directions, corpus, positives);
      Random random = new Random(options.seed());
      List<long[]> negatives = new ArrayList<>();
      for (int query = 0; query < positives.size(); query++) {
        int from = query * candidates;
        negatives.add(
            choose(
                Arrays.copyOfRange(scores, from, from + candidates),
                Arrays.copyOfRange(rows, from, from + candidates),
                positives.get(query),
                least[query],
                Math.toIntExact(Math.min(range, Integer.MAX_VALUE)),
                random));
      }
      return negatives;
    }
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

  private static Tensor normalised(Tensor rows) {
    return rows.div(rows.norm(2, 1, true).clampMin(SMALLEST_NORM));
  }

  /** For each query its nearest rows, [Q, count] scores and indices. */
  private static ValuesIndices nearest(Tensor directions, Tensor corpus, int count) {
    List<Tensor> values = new ArrayList<>();
    List<Tensor> indices = new ArrayList<>();
    long queries = directions.size(0);
    for (long from = 0; from < queries; from += QUERY_BLOCK) {
      Tensor block = directions.narrow(0, from, Math.min(QUERY_BLOCK, queries - from));
      try (TensorScope scope = TensorScope.open()) {
        ValuesIndices best = nearestOfBlock(block, corpus, count);
        values.add(scope.keep(best.values()));
        indices.add(scope.keep(best.indices()));
      }
    }
    return new ValuesIndices(Torch.cat(values, 0), Torch.cat(indices, 0));
  }

  private static ValuesIndices nearestOfBlock(Tensor directions, Tensor corpus, int count) {
    long rows = corpus.size(0);
    Tensor values = Torch.zeros(directions.dtype(), directions.size(0), 0);
    Tensor indices = Torch.zeros(DType.INT64, directions.size(0), 0);
    for (long from = 0; from < rows; from += CORPUS_BLOCK) {
      try (TensorScope scope = TensorScope.open()) {
        Tensor block = corpus.narrow(0, from, Math.min(CORPUS_BLOCK, rows - from));
        Tensor scores = directions.mm(normalised(block).t());
        long some = Math.min(count, block.size(0));
        ValuesIndices here = scores.topk(some, 1, true, true);
        Tensor bothValues = Torch.cat(List.of(values, here.values()), 1);
        Tensor bothIndices = Torch.cat(List.of(indices, here.indices().add(from)), 1);
        ValuesIndices kept = bothValues.topk(Math.min(count, bothValues.size(1)), 1, true, true);
        Tensor before = values;
        Tensor beforeIndices = indices;
        values = scope.keep(kept.values());
        indices = scope.keep(bothIndices.gather(1, kept.indices()));
        before.close();
        beforeIndices.close();
      }
    }
    return new ValuesIndices(values, indices);
  }

  /** For each query the score of its least similar positive, +∞ where it has none. */
  private static double[] leastPositive(Tensor directions, Tensor corpus, List<long[]> positives) {
    double[] least = new double[positives.size()];
    Arrays.fill(least, Double.POSITIVE_INFINITY);
    for (int query = 0; query < least.length; query++) {
      long[] rows = positives.get(query);
      if (rows.length == 0) {
        continue;
      }
      try (TensorScope _ = TensorScope.open()) {
        Tensor theirs = normalised(corpus.indexSelect(0, Tensor.of(rows, rows.length)));
        double[] scores = theirs.mul(directions.select(0, query)).sum(1).toDoubleArray();
        least[query] = Arrays.stream(scores).min().orElseThrow();
      }
    }
    return least;
  }

  private long[] choose(
      double[] scores, long[] rows, long[] positives, double least, int range, Random random) {
    long[] survivors =
        IntStream.range(0, rows.length)
            .filter(i -> survives(scores[i], rows[i], positives, least))
            .boxed()
            .sorted((i, j) ->
                scores[i] == scores[j]
                    ? Long.compare(rows[i], rows[j])
                    : Double.compare(scores[j], scores[i]))
            .limit(range)
            .skip(options.rangeMin())
            .mapToLong(i -> rows[i])
            .toArray();
    int count = Math.min(options.numNegatives(), survivors.length);
    if (!options.random() || count == survivors.length) {
      return Arrays.copyOf(survivors, count);
    }
    List<Integer> places = new ArrayList<>(IntStream.range(0, survivors.length).boxed().toList());
    Collections.shuffle(places, random);
    return places.stream().limit(count).sorted().mapToLong(i -> survivors[i]).toArray();
  }

  private boolean survives(double score, long row, long[] positives, double least) {
    if (Arrays.stream(positives).anyMatch(p -> p == row)) {
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
