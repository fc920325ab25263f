package dev.tripoint.parity;

import dev.tripoint.catalog.Accepts;
import dev.tripoint.loss.LossResult;
import dev.tripoint.nn.PairwiseDistance;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every loss of explicit rows, and torch.nn's distance of them, against its reference. */
class RowLossParityTest {

  static Stream<ParityCase> losses() {
    return Parts.losses(Accepts.Form.ROWS);
  }

  static Stream<ParityCase> distances() {
    return ParityCase.of("torch.nn.PairwiseDistance");
  }

  @AfterAll
  static void print() {
    Differences.print();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("losses")
  void lossesGiveWhatTheReferenceGives(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      Map<String, Tensor> x = leaves(c, "anchor", "positive", "negative", "weights");
      LossResult result =
          Parts.rowLoss(c, x.get("weights"))
              .compute(
                  x.get("anchor"),
                  x.get("positive"),
                  x.get("negative"),
                  c.has("targets") ? c.input("targets") : null);
      check(c, x, result.loss());
      if (c.expect().has("stats")) {
        Differences.stats(c, result.stats(), c.expect().get("stats"));
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("distances")
  void distancesGiveWhatPyTorchGives(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      Map<String, Tensor> x = leaves(c, "x1", "x2");
      PairwiseDistance distance =
          new PairwiseDistance(
              Parts.number(c.params(), "p", 2),
              Parts.number(c.params(), "eps", 1e-6),
              Parts.flag(c.params(), "keepdim"));
      check(c, x, distance.forward(x.get("x1"), x.get("x2")));
    }
  }

  private static void check(ParityCase c, Map<String, Tensor> leaves, Tensor value) {
    Differences.values(c, "value", value, c.expect().get("loss"));
    if (value.requiresGrad()) {
      value.sum().backward();
    }
    Differences.gradients(c, leaves, c.expect().get("grads"));
  }

  private static Map<String, Tensor> leaves(ParityCase c, String... names) {
    Map<String, Tensor> leaves = new LinkedHashMap<>();
    for (String name : names) {
      if (c.has(name)) {
        leaves.put(name, c.leaf(name));
      }
    }
    return leaves;
  }
}
