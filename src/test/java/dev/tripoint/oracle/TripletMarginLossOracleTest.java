package dev.tripoint.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.distance.LpDistance;
import dev.tripoint.loss.LossResult;
import dev.tripoint.loss.TripletMarginLoss;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** pytorch-metric-learning's triplet loss over whole batches against brute force. */
class TripletMarginLossOracleTest {

  private static final double[] MARGINS = {0.05, 0.5, 1, 2};

  @ParameterizedTest
  @EnumSource(names = {"FLOAT64", "FLOAT32"})
  void smallBatches(DType dtype) {
    for (long seed = 0; seed < 400; seed++) {
      Batch b = Batch.of(seed);
      // Whole numbers divided by a norm, or roots squared again, are no longer exact, nor their
      // ties.
      // Of a single column nothing is left but its sign, and every gradient is rounding.
      boolean normalize = !b.whole() && b.columns() > 1 && seed % 2 == 0;
      check(
          b,
          dtype,
          MARGINS[(int) (seed % MARGINS.length)],
          !b.whole() && seed % 5 == 0,
          normalize,
          seed % 3 == 0,
          seed % 7 == 0);
    }
  }

  @Test
  void aLargeBatch() {
    check(Batch.large(3, 700, 6, 250), DType.FLOAT64, 0.3, false, true, true, false);
  }

  private static void check(
      Batch b,
      DType dtype,
      double margin,
      boolean squared,
      boolean normalize,
      boolean swap,
      boolean smooth) {
    try (TensorScope scope = TensorScope.open()) {
      Oracle.Answer expected = Oracle.tripletMargin(b, margin, squared, normalize, swap, smooth);
      Tensor leaf = b.leaf(dtype);
      LossResult result =
          new TripletMarginLoss(margin, swap, smooth)
              .with(new LpDistance(2, squared ? 2 : 1, normalize))
              .compute(leaf, b.labelTensor(), null, null, null);
      Agreement.value(b, dtype, result.loss(), expected.loss);
      assertThat(result.stats())
          .as("%s", b)
          .containsEntry("losses_size", (double) Math.max(1, expected.valid))
          .containsEntry("num_past_filter", (double) expected.active);
      result.loss().backward();
      Agreement.gradient(b, dtype, leaf, expected.flatGrad());
    }
  }
}
