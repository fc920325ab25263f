package dev.tripoint.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.miner.Triplets;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import java.util.List;

/** Compares tensors with brute force; every message names the batch and so its seed. */
final class Agreement {

  private Agreement() {}

  static void value(Object batch, DType dtype, Tensor ours, double expected) {
    double tolerance = dtype == DType.FLOAT64 ? 1e-9 : 2e-5;
    assertThat(Math.abs(ours.item() - expected))
        .as("%s %s: %s for %s", batch, dtype, ours.item(), expected)
        .isLessThanOrEqualTo(tolerance * Math.max(1, Math.abs(expected)));
  }

  static void gradient(Object batch, DType dtype, Tensor leaf, double[] expected) {
    Tensor grad = leaf.grad();
    assertThat(grad).as("%s %s: gradient", batch, dtype).isNotNull();
    double[] ours = grad.toDoubleArray();
    double largest = 1e-4;
    for (double x : expected) {
      largest = Math.max(largest, Math.abs(x));
    }
    double tolerance = (dtype == DType.FLOAT64 ? 1e-7 : 1e-3) * largest;
    assertThat(ours).as("%s %s: gradient", batch, dtype).hasSameSizeAs(expected);
    for (int i = 0; i < ours.length; i++) {
      assertThat(Math.abs(ours[i] - expected[i]))
          .as("%s %s: gradient[%s] %s for %s", batch, dtype, i, ours[i], expected[i])
          .isLessThanOrEqualTo(tolerance);
    }
  }

  static void triplets(Object batch, Triplets ours, List<int[]> expected) {
    column(batch, "anchor", ours.anchor(), expected, 0);
    column(batch, "positive", ours.positive(), expected, 1);
    column(batch, "negative", ours.negative(), expected, 2);
  }

  static void column(Object batch, String name, Tensor ours, List<int[]> expected, int column) {
    assertThat(ours.toLongArray())
        .as("%s: %s", batch, name)
        .isEqualTo(expected.stream().mapToLong(t -> t[column]).toArray());
  }
}
