package dev.tripoint.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.loss.LossResult;
import dev.tripoint.loss.MaskedTripletLoss;
import dev.tripoint.miner.HardNegatives;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Hard negatives from scores and a mask, and the loss over them, against plain loops. */
class ScoresParityTest {

  static Stream<ParityCase> mined() {
    return ParityCase.of("hard_negatives");
  }

  static Stream<ParityCase> losses() {
    return ParityCase.of("masked.TripletLoss");
  }

  @AfterAll
  static void print() {
    Differences.print();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mined")
  void hardNegatives(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      HardNegatives miner = Parts.hardNegatives(c.params());
      HardNegatives.Mined found =
          miner.mine(
              c.input("scores"), c.input("mask"), c.has("ignore") ? c.input("ignore") : null);
      Indices.equal(c, "anchor", found.anchor());
      Indices.equal(c, "negative", found.negative());
      Indices.equal(c, "positive", found.positive());
      assertThat(found.withoutNegative()).isEqualTo(c.expect().get("without_negative").asLong());
      Tensor mask = found.mask(c.input("scores").size(0), c.input("scores").size(1));
      assertThat(mask.toBooleanArray()).isEqualTo(mask(c));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("losses")
  void maskedTripletLoss(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      var loss =
          new MaskedTripletLoss(
              c.params().get("alpha").asDouble(), Parts.hardNegatives(c.params()));
      Tensor scores = c.leaf("scores");
      LossResult result = loss.compute(scores, c.input("mask"));
      Differences.values(c, "loss", result.loss(), c.expect().get("loss"));
      result.loss().backward();
      Differences.gradients(c, Map.of("scores", scores), c.expect().get("grads"));
      Differences.stats(c, result.stats(), c.expect().get("stats"));
    }
  }

  private static boolean[] mask(ParityCase c) {
    long[] shape = ParityCase.longs(c.json().get("inputs").get("scores").get("shape"));
    boolean[] mask = new boolean[(int) (shape[0] * shape[1])];
    long[] anchors = ParityCase.longs(c.expect().get("anchor"));
    long[] negatives = ParityCase.longs(c.expect().get("negative"));
    for (int i = 0; i < anchors.length; i++) {
      mask[(int) (anchors[i] * shape[1] + negatives[i])] = true;
    }
    return mask;
  }
}
