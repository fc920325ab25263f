package dev.tripoint.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
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
              .filter(i -> o.includePositives() || !known.contains((long) i))
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
          MiningOptions.DEFAULT
              .withRange(
                  least,
                  random.nextBoolean() ? null : (Integer) (least + wanted + random.nextInt(20)),
                  wanted)
              .withScores(maybe(random, -1, 0.5), maybe(random, -0.5, 1))
              .withMargins(maybe(random, 0, 0.3), maybe(random, 0, 0.3))
              .withIncludePositives(random.nextInt(4) == 0);
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
        mine(MiningOptions.DEFAULT.withRange(2, 12, 10), queries, corpus, positives).getFirst();
    Set<String> seen = new HashSet<>();
    for (long seed = 0; seed < 50; seed++) {
      MiningOptions options = MiningOptions.DEFAULT.withRange(2, 12, 4).withRandom(seed);
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
  void randomTakesEachSurvivorAsOften() {
    double[] one = new Random(6).doubles(WIDTH, -1, 1).toArray();
    double[] queries = new double[3000 * WIDTH];
    for (int i = 0; i < queries.length; i++) {
      queries[i] = one[i % WIDTH];
    }
    double[] corpus = new Random(7).doubles(20 * WIDTH, -1, 1).toArray();
    List<long[]> positives = Collections.nCopies(3000, new long[0]);
    MiningOptions options = MiningOptions.DEFAULT.withRange(0, 6, 2).withRandom(8);
    Map<Long, Integer> drawn = new HashMap<>();
    for (long[] each : mine(options, queries, corpus, positives)) {
      for (long row : each) {
        drawn.merge(row, 1, Integer::sum);
      }
    }
    // Each of the six comes with chance 1/3: 1000 of 3000 times, with a deviation of 26.
    assertThat(drawn).hasSize(6);
    assertThat(drawn.values()).allSatisfy(count -> assertThat(count).isBetween(860, 1140));
  }

  @Test
  void equalRowsAreOrderedByIndexAndCanCountAsOne() {
    int copies = 40;
    Random random = new Random(11);
    double[] corpus = new double[3 * copies * WIDTH];
    double[][] kinds = new double[3][];
    for (int kind = 0; kind < 3; kind++) {
      kinds[kind] = random.doubles(WIDTH, -1, 1).toArray();
    }
    for (int row = 0; row < 3 * copies; row++) {
      System.arraycopy(kinds[row % 3], 0, corpus, row * WIDTH, WIDTH);
    }
    List<long[]> positives = List.of(new long[] {3});
    // The query is the first kind: its rows are the nearest, and 0 is a copy of the positive.
    MiningOptions options = MiningOptions.DEFAULT.withRange(0, 10, 4);
    assertThat(mine(options, kinds[0], corpus, positives).getFirst()).containsExactly(0, 6, 9, 12);
    long[] once = mine(options.withDeduplicate(true), kinds[0], corpus, positives).getFirst();
    assertThat(once).containsExactlyInAnyOrder(1, 2);
    double[] scores = new double[3];
    for (int kind = 1; kind < 3; kind++) {
      scores[kind] = cosine(kinds[0], 0, kinds[kind], 0);
    }
    assertThat(once[0]).isEqualTo(scores[1] > scores[2] ? 1 : 2);
  }

  @Test
  void scoresAreCosines() {
    Random random = new Random(12);
    double[] queries = random.doubles(3 * WIDTH, -1, 1).toArray();
    double[] corpus = random.doubles(50 * WIDTH, -1, 1).toArray();
    List<long[]> positives = Collections.nCopies(3, new long[0]);
    try (TensorScope _ = TensorScope.open()) {
      Tensor wide = Tensor.of(queries, 3, WIDTH);
      Tensor rows = Tensor.of(corpus, 50, WIDTH);
      List<Negatives> found =
          new CorpusMiner(MiningOptions.DEFAULT).mineWithScores(wide, rows, positives);
      for (int query = 0; query < 3; query++) {
        Negatives each = found.get(query);
        for (int i = 0; i < each.rows().length; i++) {
          assertThat(each.scores()[i])
              .isCloseTo(cosine(queries, query, corpus, (int) each.rows()[i]), within(1e-14));
        }
      }
      for (DType half : List.of(DType.FLOAT16, DType.BFLOAT16)) {
        Tensor narrow = wide.to(half);
        Tensor few = rows.to(half);
        assertThat(new CorpusMiner(MiningOptions.DEFAULT).mine(narrow, few, positives))
            .as("the same numbers in a wider type")
            .containsExactly(
                new CorpusMiner(MiningOptions.DEFAULT)
                    .mine(narrow.to(DType.FLOAT64), few.to(DType.FLOAT64), positives)
                    .toArray(long[][]::new));
      }
    }
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
    assertThatThrownBy(() -> MiningOptions.DEFAULT.withRange(0, null, 0))
        .hasMessageContaining("num_negatives");
    assertThatThrownBy(() -> MiningOptions.DEFAULT.withRange(-1, null, 1))
        .hasMessageContaining("range_min");
    assertThatThrownBy(() -> MiningOptions.DEFAULT.withRange(2, 4, 3))
        .hasMessageContaining("range_max");
  }
}
