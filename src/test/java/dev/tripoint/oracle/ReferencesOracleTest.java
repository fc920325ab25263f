package dev.tripoint.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.distance.LpDistance;
import dev.tripoint.loss.TripletMarginLoss;
import dev.tripoint.reducer.AvgNonZeroReducer;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.SumReducer;
import dev.tripoint.reducer.ThresholdReducer;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoublePredicate;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The triplet loss of a batch against references, with each reducer, against brute force. */
class ReferencesOracleTest {

  /** A reducer, and in words of plain Java which losses it takes and whether it sums them. */
  private record Rule(Reducer reducer, DoublePredicate takes, boolean sums) {}

  private static final List<Rule> RULES =
      List.of(
          new Rule(new AvgNonZeroReducer(), v -> v > 0, false),
          new Rule(new MeanReducer(), v -> true, false),
          new Rule(new SumReducer(), v -> true, true),
          new Rule(new ThresholdReducer(0.25, 1.5), v -> v > 0.25 && v < 1.5, false));

  @ParameterizedTest
  @EnumSource(names = {"FLOAT64", "FLOAT32"})
  void lossAndBothGradients(DType dtype) {
    for (long seed = 0; seed < 240; seed++) {
      // Kinds of continuous values only: on whole numbers losses would stand on the bounds.
      Batch b = Batch.large(seed, 1 + (int) (seed % 9), 3, 3);
      Batch ref = Batch.large(seed + 1000, 1 + (int) (seed % 7), 3, 4);
      Rule rule = RULES.get((int) (seed % RULES.size()));
      boolean swap = seed % 3 == 0;
      double[][] grad = new double[b.size()][3];
      double[][] refGrad = new double[ref.size()][3];
      double expected = expected(b, ref, rule, swap, grad, refGrad);
      try (TensorScope scope = TensorScope.open()) {
        Tensor leaf = b.leaf(dtype);
        Tensor refLeaf = ref.leaf(dtype);
        Tensor loss =
            new TripletMarginLoss(0.4)
                .withSwap(swap)
                .with(new LpDistance().withNormalizeEmbeddings(false))
                .with(rule.reducer())
                .forward(leaf, b.labelTensor(), null, refLeaf, ref.labelTensor());
        Agreement.value(b, dtype, loss, expected);
        loss.backward();
        Agreement.gradient(b, dtype, leaf, flat(grad));
        if (refLeaf.grad() != null) {
          Agreement.gradient(ref, dtype, refLeaf, flat(refGrad));
        } else {
          assertThat(flat(refGrad)).containsOnly(0);
        }
      }
    }
  }

  private record Term(int a, int p, int n, double loss, boolean swapped) {}

  private static double expected(
      Batch b, Batch ref, Rule rule, boolean swap, double[][] grad, double[][] refGrad) {
    List<Term> terms = new ArrayList<>();
    for (int a = 0; a < b.size(); a++) {
      for (int p = 0; p < ref.size(); p++) {
        for (int n = 0; n < ref.size(); n++) {
          if (b.labels()[a] != ref.labels()[p] || b.labels()[a] == ref.labels()[n]) {
            continue;
          }
          double own = Oracle.distance(b.rows()[a], ref.rows()[n], false);
          double among = Oracle.distance(ref.rows()[p], ref.rows()[n], false);
          boolean swapped = swap && among < own;
          double loss =
              Math.max(
                  0,
                  Oracle.distance(b.rows()[a], ref.rows()[p], false)
                      - (swapped ? among : own)
                      + 0.4);
          if (rule.takes().test(loss)) {
            terms.add(new Term(a, p, n, loss, swapped));
          }
        }
      }
    }
    if (terms.isEmpty()) {
      return 0;
    }
    double scale = rule.sums() ? 1 : 1.0 / terms.size();
    double sum = 0;
    for (Term t : terms) {
      if (t.loss() > 0) {
        sum += t.loss();
        add(b.rows()[t.a()], ref.rows()[t.p()], grad[t.a()], refGrad[t.p()], scale);
        double[] from = t.swapped() ? ref.rows()[t.p()] : b.rows()[t.a()];
        double[] fromGrad = t.swapped() ? refGrad[t.p()] : grad[t.a()];
        add(from, ref.rows()[t.n()], fromGrad, refGrad[t.n()], -scale);
      }
    }
    return sum * scale;
  }

  private static void add(double[] x, double[] y, double[] gx, double[] gy, double weight) {
    double d = Oracle.distance(x, y, false);
    for (int k = 0; k < x.length && d > 0; k++) {
      gx[k] += weight * (x[k] - y[k]) / d;
      gy[k] -= weight * (x[k] - y[k]) / d;
    }
  }

  private static double[] flat(double[][] rows) {
    return Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
  }
}
