package dev.tripoint.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.eval.AccuracyCalculator.Measures;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AccuracyCalculatorTest {
  @ParameterizedTest
  @EnumSource
  void agreesWithSortingAllNeighbours(SimilarityFunction by) {
    for (long seed = 0; seed < 150; seed++) {
      Random random = new Random(seed);
      int width = 1 + random.nextInt(4);
      float[][] queries = rows(by, random, 1 + random.nextInt(30), width);
      long[] labels = labels(random, queries.length);
      boolean among = random.nextBoolean();
      boolean included = among || random.nextBoolean();
      float[][] others = rows(by, random, random.nextInt(20) + (included ? 0 : 1), width);
      long[] otherLabels = labels(random, others.length);
      float[][] references = included ? joined(queries, others) : others;
      long[] refLabels =
          included
              ? LongStream.concat(Arrays.stream(labels), Arrays.stream(otherLabels)).toArray()
              : otherLabels;
      int k = random.nextInt(3) == 0 ? 1 + random.nextInt(8) : AccuracyCalculator.ALL;
      AccuracyCalculator calculator =
          new AccuracyCalculator().exclude(Measure.AMI, Measure.NMI).with(by).withK(k);
      Accuracy found;
      try (TensorScope _ = TensorScope.open()) {
        found =
            among
                ? calculator.getAccuracy(tensor(queries, width), Tensor.of(labels, labels.length))
                : calculator.getAccuracy(
                    tensor(queries, width),
                    Tensor.of(labels, labels.length),
                    tensor(references, width),
                    Tensor.of(refLabels, refLabels.length),
                    included);
      }
      Map<Measure, Double> expected =
          among
              ? bySorting(by, queries, labels, queries, labels, true, k)
              : bySorting(by, queries, labels, references, refLabels, included, k);
      assertThat(found.values().keySet()).isEqualTo(expected.keySet());
      String what = "seed " + seed;
      expected.forEach((measure, value) ->
          assertThat(found.value(measure))
              .as("%s, %s", what, measure)
              .isCloseTo(value, within(1e-12)));
    }
  }

  @Test
  void tiesGoToTheLowestIndexWhereverTheRowsStand() {
    // All rows are equal: every query's nearest is row 0, row 0's is row 1.
    int rows = 1000;
    float[][] embeddings = new float[rows][];
    long[] labels = new long[rows];
    Arrays.setAll(embeddings, i -> new float[] {0.1f, 0.7f, -0.3f});
    Arrays.fill(labels, 1);
    labels[0] = 0;
    labels[rows - 1] = 0;
    assertThat(AccuracyCalculator.of(embeddings, labels).recallAt1()).isEqualTo(1.0 / rows);
    labels[rows - 1] = 1;
    labels[1] = 0;
    assertThat(AccuracyCalculator.of(embeddings, labels).recallAt1()).isEqualTo(2.0 / rows);
  }

  @Test
  void everyDtypeAndStrideAreTaken() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor embeddings = Tensor.of(new float[] {1, 0, 0, 1, 1, 1, 2, 2}, 2, 4).t();
      for (DType dtype :
          new DType[] {DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32, DType.FLOAT64}) {
        for (DType labelType : new DType[] {DType.UINT8, DType.INT16, DType.INT64}) {
          Tensor labels = Tensor.of(new long[] {0, 1, 1, 1}, 4).to(labelType);
          Measures found = AccuracyCalculator.of(embeddings.to(dtype), labels);
          assertThat(found.recallAt1()).isEqualTo(2.0 / 3);
        }
      }
    }
  }

  @Test
  void badInputIsRefused() {
    float[][] rows = {{1, 2}, {Float.NaN, 0}, {1, Float.POSITIVE_INFINITY}};
    assertThatThrownBy(() -> AccuracyCalculator.of(rows, new long[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("row 1")
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> AccuracyCalculator.of(rows, new long[2]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(AccuracyCalculator.of(new float[0][], new long[0]).mapAtR()).isNaN();
  }

  @Test
  void hugeAndTinyRowsNeitherOverflowNorVanish() {
    float[][] rows = {{1e38f, 1e38f}, {1e-44f, 1e-44f}, {-1e38f, 1e38f}, {-1e-40f, 1e-40f}};
    assertThat(AccuracyCalculator.of(rows, new long[] {0, 0, 1, 1}))
        .isEqualTo(new Measures(1, 1, 1));
  }

  @Test
  void labelsOfSeveralNumbersAreEqualWhereAllAre() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = Tensor.of(new float[] {1, 0, 1, 0.1f, 0, 1, 0.1f, 1}, 4, 2);
      Tensor labels = Tensor.of(new long[] {5, 1, 5, 1, 5, 2, 7, 2}, 4, 2);
      Accuracy found =
          new AccuracyCalculator()
              .include(Measure.PRECISION_AT_1)
              .withReturnPerClass(true)
              .getAccuracy(rows, labels);
      assertThat(found.classes()).containsExactly(new long[] {5, 1});
      assertThat(found.perClass().get(Measure.PRECISION_AT_1)).containsExactly(1);
      assertThatThrownBy(() -> found.value(Measure.PRECISION_AT_1))
          .hasMessageContaining("for each class");
      assertThatThrownBy(() -> found.value(Measure.NMI)).hasMessageContaining("not measured");
    }
  }

  @Test
  void aLabelThatDoesNotMatchItselfHasAllItsMatches() {
    // Other labels are relevant, one's own are not: row 0 has rows 1 and 2, the nearest two.
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = Tensor.of(new float[] {1, 0, 1, 0.1f, 1, 0.2f, -1, 0}, 4, 2);
      Accuracy found =
          new AccuracyCalculator()
              .include(Measure.R_PRECISION, Measure.MEAN_AVERAGE_PRECISION)
              .with((query, reference) -> query[0] != reference[0])
              .withReturnPerClass(true)
              .getAccuracy(rows, Tensor.of(new long[] {0, 1, 1, 0}, 4));
      // Row 3 has rows 2 and 1 before row 0; rows 1 and 2 have each other first or second.
      assertThat(found.perClass().get(Measure.R_PRECISION)).containsExactly(1, 0.5);
      assertThat(found.perClass().get(Measure.MEAN_AVERAGE_PRECISION))
          .containsExactly(new double[] {1, (1.0 / 2 + 2.0 / 3) / 2}, within(1e-12));
    }
  }

  @Test
  void clustersAreFoundWhereNoneAreGiven() {
    Random random = new Random(1);
    float[] rows = new float[3 * 20 * 2];
    long[] labels = new long[60];
    for (int i = 0; i < 60; i++) {
      labels[i] = i % 3;
      rows[2 * i] = (float) (20 * (i % 3) + random.nextGaussian());
      rows[2 * i + 1] = (float) random.nextGaussian();
    }
    try (TensorScope _ = TensorScope.open()) {
      Accuracy found =
          new AccuracyCalculator().getAccuracy(Tensor.of(rows, 60, 2), Tensor.of(labels, 60));
      assertThat(found.values()).containsKeys(Measure.values());
      assertThat(found.value(Measure.AMI)).isEqualTo(1);
      assertThat(found.value(Measure.NMI)).isEqualTo(1);
      assertThat(found.value(Measure.MEAN_AVERAGE_PRECISION)).isLessThan(1);
    }
  }

  @Test
  void wrongCallsAreRefused() {
    AccuracyCalculator calculator = new AccuracyCalculator();
    assertThatThrownBy(() -> calculator.withK(-2)).hasMessageContaining("greater than 0");
    assertThatThrownBy(() -> calculator.withAvgOfAvgs(true).withReturnPerClass(true))
        .hasMessageContaining("exclude each other");
    assertThatThrownBy(() -> calculator.with((x, y) -> x[0] > y[0])).hasMessageContaining("AMI");
    assertThatThrownBy(() -> calculator.include(Measure.AMI).exclude(Measure.AMI))
        .hasMessageContaining("nothing is left");
    assertThat(calculator.include(Measure.MEAN_RECIPROCAL_RANK).measures()).hasSize(1);
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
      Tensor labels = Tensor.of(new long[] {0, 0}, 2);
      Tensor other = Tensor.of(new float[] {1, 2, 3, 5, 0, 0}, 3, 2);
      Tensor otherLabels = Tensor.of(new long[] {0, 0, 1}, 3);
      assertThatThrownBy(() -> calculator.getAccuracy(rows, labels, other, otherLabels, true))
          .hasMessageContaining("reference 1 is not query 1");
      assertThatThrownBy(() -> calculator.getAccuracy(other, otherLabels, rows, labels, true))
          .hasMessageContaining("cannot include 3 queries");
      assertThatThrownBy(() -> calculator.getAccuracy(rows, otherLabels))
          .hasMessageContaining("2 rows of embeddings and 3 labels");
      assertThatThrownBy(() -> calculator.getAccuracy(rows, rows))
          .hasMessageContaining("labels must be integers");
      assertThatThrownBy(() -> calculator.getAccuracy(labels, labels))
          .hasMessageContaining("embeddings must be floats");
      assertThatThrownBy(() -> calculator.withClusters(1).getAccuracy(rows, labels))
          .hasMessageContaining("1 clusters");
      assertThatThrownBy(() ->
              calculator.getAccuracy(
                  rows, labels, Tensor.of(new float[] {1, 2}, 2, 1), labels, false))
          .hasMessageContaining("references have rows of 1 numbers, but embeddings have rows of 2");
    }
  }

  private static float[][] rows(SimilarityFunction by, Random random, int count, int width) {
    float[][] rows = new float[count][width];
    for (int i = 0; i < count; i++) {
      for (int k = 0; k < width; k++) {
        // Few values: many duplicates, ties and zeros. What is no whole number after a division
        // would tie by rounding, so there the rows themselves are few.
        rows[i][k] =
            by == SimilarityFunction.NORMALIZED_EUCLIDEAN
                ? (float) new Random(i % 7).doubles(width, -1, 1).skip(k).findFirst().orElseThrow()
                : random.nextInt(3) - 1;
      }
    }
    return rows;
  }

  private static long[] labels(Random random, int count) {
    int classes = 1 + random.nextInt(8);
    return LongStream.generate(() -> random.nextInt(classes) - 3L).limit(count).toArray();
  }

  private static float[][] joined(float[][] first, float[][] second) {
    return Stream.concat(Arrays.stream(first), Arrays.stream(second)).toArray(float[][]::new);
  }

  private static Tensor tensor(float[][] rows, int width) {
    float[] flat = new float[rows.length * width];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = rows[i / width][i % width];
    }
    return Tensor.of(flat, rows.length, width);
  }

  private static Map<Measure, Double> bySorting(
      SimilarityFunction by,
      float[][] queries,
      long[] labels,
      float[][] references,
      long[] refLabels,
      boolean included,
      int k) {
    Map<Measure, Double> sums = new EnumMap<>(Measure.class);
    int counted = 0;
    for (int i = 0; i < queries.length; i++) {
      int query = i;
      Integer[] others =
          IntStream.range(0, references.length)
              .filter(j -> !included || j != query)
              .boxed()
              .toArray(Integer[]::new);
      Arrays.sort(
          others, Comparator.comparingDouble(j -> -exact(by, queries[query], references[j])));
      int r = (int) Arrays.stream(others).filter(j -> refLabels[j] == labels[query]).count();
      if (r == 0) {
        continue;
      }
      counted++;
      int most = k == AccuracyCalculator.ALL ? others.length : Math.min(k, others.length);
      int hits = 0;
      int hitsAtR = 0;
      double precisions = 0;
      double precisionsAtR = 0;
      double reciprocal = 0;
      for (int place = 1; place <= most; place++) {
        if (refLabels[others[place - 1]] != labels[query]) {
          continue;
        }
        hits++;
        precisions += (double) hits / place;
        reciprocal = Math.max(reciprocal, 1.0 / place);
        if (place <= r) {
          hitsAtR++;
          precisionsAtR += (double) hits / place;
        }
      }
      sums.merge(
          Measure.PRECISION_AT_1, refLabels[others[0]] == labels[query] ? 1.0 : 0, Double::sum);
      sums.merge(Measure.R_PRECISION, (double) hitsAtR / Math.min(r, most), Double::sum);
      sums.merge(Measure.MEAN_AVERAGE_PRECISION, precisions / r, Double::sum);
      sums.merge(Measure.MEAN_AVERAGE_PRECISION_AT_R, precisionsAtR / r, Double::sum);
      sums.merge(Measure.MEAN_RECIPROCAL_RANK, reciprocal, Double::sum);
    }
    Map<Measure, Double> means = new EnumMap<>(Measure.class);
    for (Measure measure : Measure.values()) {
      if (measure.isOfRetrieval()) {
        means.put(measure, counted == 0 ? Double.NaN : sums.get(measure) / counted);
      }
    }
    return means;
  }

  /** What orders as the similarity does, without a rounding that could part equal ones. */
  private static double exact(SimilarityFunction by, float[] a, float[] b) {
    double dot = 0;
    double aa = 0;
    double bb = 0;
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      dot += (double) a[k] * b[k];
      aa += (double) a[k] * a[k];
      bb += (double) b[k] * b[k];
      sum += Math.abs((double) a[k] - b[k]);
    }
    return switch (by) {
      case COSINE -> aa * bb == 0 ? 0 : dot * Math.abs(dot) / (aa * bb);
      case DOT -> dot;
      case EUCLIDEAN -> 2 * dot - aa - bb;
      case MANHATTAN -> -sum;
      case NORMALIZED_EUCLIDEAN -> dot / Math.sqrt(aa * bb);
    };
  }
}
