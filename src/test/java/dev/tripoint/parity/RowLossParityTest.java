package dev.tripoint.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tripoint.nn.Functional;
import dev.tripoint.nn.PairwiseDistance;
import dev.tripoint.nn.Reduction;
import dev.tripoint.nn.TripletMarginLoss;
import dev.tripoint.nn.TripletMarginWithDistanceLoss;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** torch.nn's losses and distance on explicit rows, against PyTorch. */
class RowLossParityTest {

  static Stream<ParityCase> losses() {
    return ParityCase.of("torch.TripletMarginLoss", "torch.TripletMarginWithDistanceLoss");
  }

  static Stream<ParityCase> distances() {
    return ParityCase.of("torch.PairwiseDistance");
  }

  @AfterAll
  static void print() {
    Differences.print();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("losses")
  void lossesGiveWhatPyTorchGives(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      Map<String, Tensor> x = leaves(c, "anchor", "positive", "negative");
      check(c, x, loss(c, x.get("anchor"), x.get("positive"), x.get("negative")));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("distances")
  void distancesGiveWhatPyTorchGives(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      JsonNode p = c.params();
      Map<String, Tensor> x = leaves(c, "x1", "x2");
      PairwiseDistance distance =
          new PairwiseDistance(
              Parts.number(p, "p", 2), Parts.number(p, "eps", 1e-6), Parts.flag(p, "keepdim"));
      check(c, x, distance.forward(x.get("x1"), x.get("x2")));
    }
  }

  private static void check(ParityCase c, Map<String, Tensor> leaves, Tensor value) {
    Differences.values(c, "value", value, c.expect().get("loss"));
    value.sum().backward();
    Differences.gradients(c, leaves, c.expect().get("grads"));
  }

  private static Map<String, Tensor> leaves(ParityCase c, String... names) {
    Map<String, Tensor> leaves = new LinkedHashMap<>();
    for (String name : names) {
      leaves.put(name, c.leaf(name));
    }
    return leaves;
  }

  private static Tensor loss(ParityCase c, Tensor anchor, Tensor positive, Tensor negative) {
    JsonNode p = c.params();
    double margin = Parts.number(p, "margin", 1);
    boolean swap = Parts.flag(p, "swap");
    Reduction reduction =
        p.has("reduction") ? Reduction.valueOf(Parts.upper(p, "reduction")) : Reduction.MEAN;
    if (c.part().equals("torch.TripletMarginLoss")) {
      return new TripletMarginLoss(margin)
          .withP(Parts.number(p, "p", 2))
          .withEps(Parts.number(p, "eps", 1e-6))
          .withSwap(swap)
          .with(reduction)
          .forward(anchor, positive, negative);
    }
    return new TripletMarginWithDistanceLoss(distance(c.json().get("distance").asText()))
        .withMargin(margin)
        .withSwap(swap)
        .with(reduction)
        .forward(anchor, positive, negative);
  }

  private static @Nullable BinaryOperator<Tensor> distance(String name) {
    return switch (name) {
      case "cosine" -> (x, y) -> Functional.cosineSimilarity(x, y).rsub(1);
      case "euclidean" -> new PairwiseDistance();
      case "linf" -> (x, y) -> x.sub(y).abs().max(1, false).values();
      case "l1" -> (x, y) -> x.sub(y).abs().sum(1);
      default -> null;
    };
  }
}
