package dev.tripoint.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What torch.nn's two triplet losses refuse, brute force for both, and lambdas. */
class TripletLossesTest {

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, Double.NaN})
  void theMarginMustBeAboveZero(double margin) {
    assertThatThrownBy(() -> new TripletMarginLoss(margin))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("margin must be greater than 0");
    assertThatThrownBy(() -> new TripletMarginWithDistanceLoss().withMargin(margin))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("margin must be greater than 0");
  }

  @Test
  void rowsMustFit() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Torch.randn(4, 3);
      assertThatThrownBy(() -> new TripletMarginLoss().forward(x, x, Torch.randn(4, 2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("[4, 3]", "[4, 2]");
      assertThatThrownBy(() -> new TripletMarginLoss().forward(x, x, Torch.arange(3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("int64");
      assertThatThrownBy(
              () -> new TripletMarginWithDistanceLoss((a, b) -> a).forward(x, x, Torch.randn(3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("2, 2 and 1");
    }
  }

  @Test
  void temporariesOfADistanceAreFreed() {
    AtomicReference<Tensor> seen = new AtomicReference<>();
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Torch.randn(4, 3).requiresGrad(true);
      Tensor loss =
          new TripletMarginWithDistanceLoss(
                  (a, b) -> {
                    seen.set(a.sub(b));
                    return seen.get().abs().sum(1);
                  })
              .forward(x, Torch.randn(4, 3), Torch.randn(4, 3));
      assertThat(seen.get().isClosed()).isTrue();
      loss.backward();
    }
  }

  @Test
  void bothAgreeWithBruteForce() {
    for (long seed = 0; seed < 300; seed++) {
      var random = new java.util.Random(seed);
      int n = 1 + random.nextInt(9);
      int d = 1 + random.nextInt(6);
      double margin = 0.1 + random.nextDouble() * 2;
      double p = new double[] {1, 2, 3, Double.POSITIVE_INFINITY}[random.nextInt(4)];
      boolean swap = random.nextBoolean();
      double[][] x = new double[3][];
      for (int i = 0; i < 3; i++) {
        x[i] = random.doubles((long) n * d, -2, 2).toArray();
      }
      double[] expected = new double[n];
      for (int i = 0; i < n; i++) {
        double toNegative = distance(x[0], x[2], i, d, p);
        if (swap) {
          toNegative = Math.min(toNegative, distance(x[1], x[2], i, d, p));
        }
        expected[i] = Math.max(0, distance(x[0], x[1], i, d, p) - toNegative + margin);
      }
      try (TensorScope scope = TensorScope.open()) {
        Tensor a = Tensor.of(x[0], n, d);
        Tensor b = Tensor.of(x[1], n, d);
        Tensor c = Tensor.of(x[2], n, d);
        var norm = new PairwiseDistance(p);
        var builtIn = new TripletMarginLoss(margin).withP(p).withSwap(swap).with(Reduction.NONE);
        var general = new TripletMarginWithDistanceLoss(norm, margin, swap, Reduction.NONE);
        for (Tensor ours : new Tensor[] {builtIn.forward(a, b, c), general.forward(a, b, c)}) {
          double[] values = ours.toDoubleArray();
          for (int i = 0; i < n; i++) {
            assertThat(values[i])
                .as("seed %s row %s", seed, i)
                .isCloseTo(expected[i], org.assertj.core.api.Assertions.within(1e-9));
          }
        }
      }
    }
  }

  private static double distance(double[] x, double[] y, int row, int d, double p) {
    double sum = 0;
    for (int k = row * d; k < (row + 1) * d; k++) {
      double step = Math.abs(x[k] - y[k] + 1e-6);
      sum = Double.isInfinite(p) ? Math.max(sum, step) : sum + Math.pow(step, p);
    }
    return Double.isInfinite(p) ? sum : Math.pow(sum, 1 / p);
  }
}
