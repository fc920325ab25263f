package dev.tripoint.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.data.Safetensors;
import dev.tripoint.eval.AccuracyCalculator.Measures;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AccuracyCalculatorTest {
  private static final Path RECORDED = Path.of("src/test/resources/eval/accuracy.safetensors");

  /** What pytorch-metric-learning gives: scripts/parity/make-accuracy. */
  @ParameterizedTest
  @ValueSource(strings = {"even", "ragged", "one_class", "all_lone"})
  void agreesWithTheReference(String name) {
    try (TensorScope _ = TensorScope.open()) {
      Measures found =
          AccuracyCalculator.of(
              Safetensors.read(RECORDED, name + ".embeddings"),
              Safetensors.read(RECORDED, name + ".labels"));
      double[] expected = Safetensors.read(RECORDED, name + ".measures").toDoubleArray();
      assertThat(new double[] {found.mapAtR(), found.recallAt1(), found.rPrecision()})
          .containsExactly(expected, within(1e-9));
    }
  }

  @Test
  void agreesWithSortingAllNeighbours() {
    for (long seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      int rows = 1 + random.nextInt(40);
      int width = 1 + random.nextInt(4);
      float[][] embeddings = new float[rows][width];
      long[] labels = new long[rows];
      for (int i = 0; i < rows; i++) {
        labels[i] = random.nextInt(1 + random.nextInt(8)) - 3L;
        for (int k = 0; k < width; k++) {
          // Few values: many duplicates, ties and zeros.
          embeddings[i][k] = random.nextInt(3) - 1;
        }
      }
      Measures found = AccuracyCalculator.of(embeddings, labels);
      Measures expected = bySorting(embeddings, labels);
      assertThat(found.mapAtR()).as("seed %d", seed).isCloseTo(expected.mapAtR(), within(1e-12));
      assertThat(found.recallAt1())
          .as("seed %d", seed)
          .isCloseTo(expected.recallAt1(), within(1e-12));
      assertThat(found.rPrecision())
          .as("seed %d", seed)
          .isCloseTo(expected.rPrecision(), within(1e-12));
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

  private static Measures bySorting(float[][] rows, long[] labels) {
    double map = 0;
    double recall = 0;
    double precision = 0;
    int queries = 0;
    for (int i = 0; i < rows.length; i++) {
      int query = i;
      Integer[] others =
          IntStream.range(0, rows.length).filter(j -> j != query).boxed().toArray(Integer[]::new);
      Arrays.sort(others, Comparator.comparingDouble(j -> -exactCosine(rows[query], rows[j])));
      int r = (int) Arrays.stream(others).filter(j -> labels[j] == labels[query]).count();
      if (r == 0) {
        continue;
      }
      queries++;
      recall += labels[others[0]] == labels[query] ? 1 : 0;
      int hits = 0;
      for (int place = 1; place <= r; place++) {
        if (labels[others[place - 1]] == labels[query]) {
          hits++;
          map += (double) hits / place / r;
        }
      }
      precision += (double) hits / r;
    }
    return new Measures(map / queries, recall / queries, precision / queries);
  }

  /**
   * Exact up to one rounding for rows of small integers: signed square of the cosine, which orders
   * as the cosine does.
   */
  private static double exactCosine(float[] a, float[] b) {
    long dot = 0;
    long aa = 0;
    long bb = 0;
    for (int k = 0; k < a.length; k++) {
      dot += (long) (a[k] * b[k]);
      aa += (long) (a[k] * a[k]);
      bb += (long) (b[k] * b[k]);
    }
    return aa * bb == 0 ? 0 : (double) (dot * Math.abs(dot)) / (aa * bb);
  }
}
