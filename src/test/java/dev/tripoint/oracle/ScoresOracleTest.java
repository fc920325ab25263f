package dev.tripoint.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.loss.MaskedTripletLoss;
import dev.tripoint.miner.HardNegatives;
import dev.tripoint.miner.HardNegatives.Per;
import dev.tripoint.miner.HardNegatives.Strategy;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Hard negatives from scores, and the loss over them, against brute force. */
class ScoresOracleTest {

  @ParameterizedTest
  @EnumSource(names = {"FLOAT64", "FLOAT32"})
  void hardNegatives(DType dtype) {
    for (long seed = 0; seed < 1200; seed++) {
      mined(Scores.of(seed), rule(seed), dtype);
    }
  }

  @Test
  void largeScores() {
    Scores large = Scores.large(4, 900, 2100);
    for (Strategy strategy : Strategy.values()) {
      mined(large, new HardNegatives().with(strategy), DType.FLOAT32);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT64", "FLOAT32"})
  void maskedTripletLoss(DType dtype) {
    for (long seed = 0; seed < 600; seed++) {
      // An odd number of 64ths, so that no term is exactly 0 on the grid of the tied scores.
      double alpha = (2 * (seed % 40) - 19) / 64.0;
      HardNegatives rule = rule(seed).with(Per.POSITIVE);
      Scores s = Scores.of(seed);
      try (TensorScope scope = TensorScope.open()) {
        Tensor leaf = s.tensor(dtype);
        Tensor loss = new MaskedTripletLoss(alpha, rule).forward(leaf, s.mask());
        double[] grad = new double[s.scores().length];
        Agreement.value(s, dtype, loss, masked(s, rule, alpha, grad));
        loss.backward();
        Agreement.gradient(s, dtype, leaf, grad);
      }
    }
  }

  private static double masked(Scores s, HardNegatives rule, double alpha, double[] grad) {
    var found = s.find(rule).triplets();
    double sum = 0;
    int sign = rule.distances() ? 1 : -1;
    for (int[] t : found) {
      int positive = t[0] * s.columns() + t[1];
      int negative = t[0] * s.columns() + t[2];
      double term = sign * (s.scores()[positive] - s.scores()[negative]) + alpha;
      if (term > 0) {
        sum += term;
        grad[positive] += sign / (double) found.size();
        grad[negative] -= sign / (double) found.size();
      }
    }
    return found.isEmpty() ? 0 : sum / found.size();
  }

  private static void mined(Scores s, HardNegatives rule, DType dtype) {
    try (TensorScope scope = TensorScope.open()) {
      HardNegatives.Mined ours = rule.mine(s.tensor(dtype), s.mask());
      Scores.Found expected = s.find(rule);
      String what = s + " " + rule;
      Agreement.column(what, "anchor", ours.anchor(), expected.triplets(), 0);
      Agreement.column(what, "negative", ours.negative(), expected.triplets(), 2);
      Agreement.column(what, "positive", ours.positive(), expected.triplets(), 1);
      assertThat(ours.withoutNegative()).as(what).isEqualTo(expected.without());
    }
  }

  private static HardNegatives rule(long seed) {
    Random random = new Random(seed);
    Strategy strategy = Strategy.values()[random.nextInt(4)];
    boolean takesMargin = strategy == Strategy.SEMIHARD || strategy == Strategy.EASY;
    return new HardNegatives(
        strategy,
        Per.values()[random.nextInt(2)],
        takesMargin && random.nextBoolean() ? random.nextInt(5) / 4.0 : null,
        random.nextInt(3) == 0,
        random.nextBoolean(),
        random.nextBoolean());
  }
}
