package dev.tripoint.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.DotProductSimilarity;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.TensorScope;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Distances between two random sets of rows against brute force. */
class DistanceOracleTest {

  private static final double[] NORMS = {1, 2, 3, 1.5, Double.POSITIVE_INFINITY};

  @ParameterizedTest
  @EnumSource(names = {"FLOAT64", "FLOAT32"})
  void lpDistance(DType dtype) {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      double p = NORMS[random.nextInt(NORMS.length)];
      double power = random.nextBoolean() ? 1 : 2;
      boolean normalize = random.nextBoolean();
      check(
          seed,
          dtype,
          new LpDistance(p, power, normalize),
          normalize ? p : 0,
          (x, y) -> Math.pow(norm(difference(x, y), p), power));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT64", "FLOAT32"})
  void similarities(DType dtype) {
    for (long seed = 0; seed < 200; seed++) {
      check(seed, dtype, new CosineSimilarity(), 2, DistanceOracleTest::dot);
      check(
          seed,
          dtype,
          new DotProductSimilarity().withNormalizeEmbeddings(false),
          0,
          DistanceOracleTest::dot);
    }
  }

  private interface Measure {
    double of(double[] x, double[] y);
  }

  private static void check(
      long seed, DType dtype, Distance distance, double normalizedBy, Measure measure) {
    Batch a = Batch.of(8 * seed);
    Batch b = Batch.of(8 * seed + 8);
    int columns = Math.min(a.columns(), b.columns());
    try (TensorScope scope = TensorScope.open()) {
      double[] ours =
          distance
              .matrix(a.leaf(dtype).narrow(1, 0, columns), b.leaf(dtype).narrow(1, 0, columns))
              .toDoubleArray();
      double tolerance = dtype == DType.FLOAT64 ? 1e-9 : 2e-5;
      for (int i = 0; i < a.size(); i++) {
        for (int j = 0; j < b.size(); j++) {
          double expected =
              measure.of(
                  row(a.rows()[i], columns, normalizedBy), row(b.rows()[j], columns, normalizedBy));
          assertThat(ours[i * b.size() + j])
              .as("seed %s %s %s: (%s, %s)", seed, dtype, distance, i, j)
              .isCloseTo(expected, within(tolerance * Math.max(1, Math.abs(expected))));
        }
      }
    }
  }

  private static double[] row(double[] row, int columns, double normalizedBy) {
    double[] cut = Arrays.copyOf(row, columns);
    double divisor = normalizedBy == 0 ? 1 : Math.max(1e-12, norm(cut, normalizedBy));
    return Arrays.stream(cut).map(v -> v / divisor).toArray();
  }

  private static double[] difference(double[] x, double[] y) {
    double[] difference = new double[x.length];
    Arrays.setAll(difference, k -> x[k] - y[k]);
    return difference;
  }

  private static double norm(double[] row, double p) {
    return Double.isInfinite(p)
        ? Arrays.stream(row).map(Math::abs).max().orElse(0)
        : Math.pow(Arrays.stream(row).map(v -> Math.pow(Math.abs(v), p)).sum(), 1 / p);
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int k = 0; k < x.length; k++) {
      sum += x[k] * y[k];
    }
    return sum;
  }
}
