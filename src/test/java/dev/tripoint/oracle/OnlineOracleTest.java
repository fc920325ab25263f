package dev.tripoint.oracle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.compat.online.BatchAll;
import dev.tripoint.compat.online.BatchHard;
import dev.tripoint.loss.LossResult;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Batch-hard and batch-all against brute force. */
class OnlineOracleTest {

  private static final double[] MARGINS = {0, 0.5, 1, 3, -0.5};

  @ParameterizedTest
  @EnumSource(names = {"FLOAT64", "FLOAT32"})
  void batchHard(DType dtype) {
    for (long seed = 0; seed < 400; seed++) {
      Batch b = Batch.of(seed);
      double margin = MARGINS[(int) (seed % MARGINS.length)];
      hard(b, dtype, margin, seed % 3 == 0);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT64", "FLOAT32"})
  void batchAll(DType dtype) {
    for (long seed = 0; seed < 400; seed++) {
      Batch b = Batch.of(seed);
      double margin = MARGINS[(int) (seed % MARGINS.length)];
      all(b, dtype, margin, seed % 3 == 0);
    }
  }

  @Test
  void largeBatches() {
    Batch b = Batch.large(1, 1999, 9, 300);
    hard(b, DType.FLOAT64, 0.7, false);
    all(b, DType.FLOAT64, 0.7, false);
  }

  private static void hard(Batch b, DType dtype, double margin, boolean squared) {
    try (TensorScope scope = TensorScope.open()) {
      Oracle.Answer expected = Oracle.batchHard(b, margin, squared);
      Tensor leaf = b.leaf(dtype);
      Tensor loss = new BatchHard(margin, squared).forward(leaf, b.labelTensor());
      Agreement.value(b, dtype, loss, expected.loss);
      loss.backward();
      Agreement.gradient(b, dtype, leaf, expected.flatGrad());
    }
  }

  private static void all(Batch b, DType dtype, double margin, boolean squared) {
    try (TensorScope scope = TensorScope.open()) {
      Oracle.Answer expected = Oracle.batchAll(b, margin, squared);
      Tensor leaf = b.leaf(dtype);
      LossResult result =
          new BatchAll(margin, squared).compute(leaf, b.labelTensor(), null, null, null);
      Agreement.value(b, dtype, result.loss(), expected.loss);
      double fraction = expected.valid == 0 ? 0 : (double) expected.active / expected.valid;
      assertThat(result.stats().get("fraction_positive"))
          .as("%s", b)
          .isCloseTo(fraction, within(1e-12));
      result.loss().backward();
      Agreement.gradient(b, dtype, leaf, expected.flatGrad());
    }
  }
}
