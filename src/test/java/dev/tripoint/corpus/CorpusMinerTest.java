package dev.tripoint.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class CorpusMinerTest {
  private static final int WIDTH = 5;

  private static double cosine(double[] x, int i, double[] y, int j) {
    double dot = 0;
    double xx = 0;
    double yy = 0;
    for (int k = 0; k < WIDTH; k++) {
      dot += x[i * WIDTH + k] * y[j * WIDTH + k];
      xx += x[i * WIDTH + k] * x[i * WIDTH + k];
      yy += y[j * WIDTH + k] * y[j * WIDTH + k];
    }
    return dot / Math.sqrt(xx * yy);
  }

  /** The definition, with full sorting and no blocks. */
  private static List<long[]> byDefinition(
      MiningOptions o, double[] queries, double[] corpus, List<long[]> positives) {
    int rows = corpus.length / WIDTH;
    int most = positives.stream().mapToInt(p -> p.length).max().orElse(0);
    boolean filter =
        o.absoluteMargin() != null || o.relativeMargin() != null || o.maxScore() != null;
    int range =
        o.rangeMax() != null
            ? o.rangeMax()
            : o.rangeMin() + o.numNegatives() * (filter ? 10 : 1) + most;
    List<long[]> negatives = new ArrayList<>();
    for (int q = 0; q < positives.size(); q++) {
      int query = q;
      double[] scores =
          IntStream.range(0, rows).mapToDouble(j -> cosine(queries, query, corpus, j)).toArray();
      Set<Long> known = new HashSet<>();
      double least = Double.POSITIVE_INFINITY;
      for (long p : positives.get(q)) {
        known.add(p);
        least = Math.min(least, scores[(int) p]);
      }
      double limit = least;
      negatives.add(
          IntStream.range(0, rows)
              .boxed()
              .sorted((i, j) -> Double.compare(scores[j], scores[i]))
              .limit(range + (long) most)
              .filter(i -> !known.contains((long) i))
              .filter(i -> o.absoluteMargin() == null || scores[i] + o.absoluteMargin() <= limit)
              .filter(i ->
                  o.relativeMargin() == null
                      || known.isEmpty()
                      || scores[i] <= limit - Math.abs(limit) * o.relativeMargin())
              .filter(i -> o.maxScore() == null || scores[i] <= o.maxScore())
              .filter(i -> o.minScore() == null || scores[i] >= o.minScore())
              .limit(range)
              .skip(o.rangeMin())
              .limit(o.numNegatives())
              .mapToLong(i -> i)
              .toArray());
    }
    return negatives;
  }

  private static Double maybe(Random random, double low, double high) {
    return random.nextBoolean() ? null : (Double) random.nextDouble(low, high);
  }

  @Test
  void isTheDefinition() {
    long seed = 99;
    Random random = new Random(seed);
    for (int round = 0; round < 60; round++) {
      // Past one block of queries, and past one of the corpus, now and then.
      int count = round == 0 ? 300 : 1 + random.nextInt(12);
      int rows = round == 1 ? 20_000 : 1 + random.nextInt(60);
      double[] queries = random.doubles(count * WIDTH, -1, 1).toArray();
      double[] corpus = random.doubles(rows * WIDTH, -1, 1).toArray();
      List<long[]> positives = new ArrayList<>();
      for (int q = 0; q < count; q++) {
        positives.add(random.longs(random.nextInt(3), 0, rows).distinct().toArray());
      }
      int least = random.nextInt(3);
      int wanted = 1 + random.nextInt(5);
      MiningOptions options =
          new MiningOptions(
              least,
              random.nextBoolean() ? null : (Integer) (least + wanted + random.nextInt(20)),
              wanted,
              maybe(random, -0.5, 1),
              maybe(random, -1, 0.5),
              maybe(random, 0, 0.3),
              maybe(random, 0, 0.3),
              false,
              0);
      List<long[]> found = mine(options, queries, corpus, positives);
      assertThat(found)
          .as("seed %d, round %d, %s", seed, round, options)
          .containsExactly(
              byDefinition(options, queries, corpus, positives).toArray(long[][]::new));
    }
  }

  private static List<long[]> mine(
      MiningOptions options, double[] queries, double[] corpus, List<long[]> positives) {
    try (TensorScope _ = TensorScope.open()) {
      return new CorpusMiner(options)
          .mine(
              Tensor.of(queries, queries.length / WIDTH, WIDTH),
              Tensor.of(corpus, corpus.length / WIDTH, WIDTH),
              positives);
    }
  }

  @Test
  void randomTakesSurvivorsInRangeAndFollowsItsSeed() {
    Random random = new Random(5);
    double[] queries = random.doubles(WIDTH, -1, 1).toArray();
    double[] corpus = random.doubles(40 * WIDTH, -1, 1).toArray();
    List<long[]> positives = List.of(new long[] {3});
    long[] inRange =
        mine(
                new MiningOptions(2, 12, 10, null, null, null, null, false, 0),
                queries,
                corpus,
                positives)
            .getFirst();
    Set<String> seen = new HashSet<>();
    for (long seed = 0; seed < 50; seed++) {
      MiningOptions options = new MiningOptions(2, 12, 4, null, null, null, null, true, seed);
      long[] drawn = mine(options, queries, corpus, positives).getFirst();
      assertThat(drawn).hasSize(4).doesNotHaveDuplicates();
      // Most similar first, as they stand among all in range.
      int[] places = LongStream.of(drawn).mapToInt(row -> indexOf(inRange, row)).toArray();
      assertThat(places).isSorted().doesNotContain(-1);
      assertThat(mine(options, queries, corpus, positives).getFirst()).isEqualTo(drawn);
      seen.add(Arrays.toString(drawn));
    }
    assertThat(seen).hasSizeGreaterThan(20);
  }

  private static int indexOf(long[] values, long value) {
    return IntStream.range(0, values.length).filter(i -> values[i] == value).findFirst().orElse(-1);
  }

  @Test
  void refusesWhatDoesNotFit() {
    double[] two = new double[2 * WIDTH];
    Arrays.fill(two, 1);
    assertThatThrownBy(() -> mine(MiningOptions.DEFAULT, two, two, List.of()))
        .hasMessageContaining("2 queries and positives of 0");
    assertThatThrownBy(
            () -> mine(MiningOptions.DEFAULT, two, two, List.of(new long[] {2}, new long[0])))
        .hasMessageContaining("positive 2 of query 0 is no row of a corpus of 2");
    assertThatThrownBy(() -> new MiningOptions(0, null, 0, null, null, null, null, false, 0))
        .hasMessageContaining("num_negatives");
    assertThatThrownBy(() -> new MiningOptions(-1, null, 1, null, null, null, null, false, 0))
        .hasMessageContaining("range_min");
    assertThatThrownBy(() -> new MiningOptions(2, 4, 3, null, null, null, null, false, 0))
        .hasMessageContaining("range_max");
  }
}
