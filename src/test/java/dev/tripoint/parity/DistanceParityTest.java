package dev.tripoint.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.catalog.Kind;
import dev.tripoint.distance.Distance;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Distances, all pairs and row by row, against pytorch-metric-learning. */
class DistanceParityTest {

  static Stream<ParityCase> cases() {
    return Parts.cases(Kind.DISTANCE);
  }

  static Stream<ParityCase> pairwise() {
    return cases().filter(c -> c.expect().has("pairwise"));
  }

  @AfterAll
  static void print() {
    Differences.print();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void allPairs(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      Distance distance = Parts.distance(c);
      assertThat(distance.isInverted()).isEqualTo(c.expect().get("inverted").asBoolean());
      Map<String, Tensor> x = leaves(c);
      Tensor query = x.get("query");
      Tensor weighted =
          distance.matrix(query, x.getOrDefault("ref", query)).mul(c.input("weights"));
      Differences.values(c, "matrix", weighted, c.expect().get("weighted"));
      weighted.sum().backward();
      Differences.gradients(c, x, c.expect().get("grads"));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("pairwise")
  void rowByRow(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      Map<String, Tensor> x = leaves(c);
      Tensor weighted =
          Parts.distance(c).pairwise(x.get("query"), x.get("ref")).mul(c.input("row_weights"));
      Differences.values(c, "pairwise", weighted, c.expect().get("pairwise"));
      weighted.sum().backward();
      Differences.gradients(c, x, c.expect().get("pairwise_grads"));
    }
  }

  private static Map<String, Tensor> leaves(ParityCase c) {
    Map<String, Tensor> leaves = new LinkedHashMap<>();
    leaves.put("query", c.leaf("query"));
    if (c.has("ref")) {
      leaves.put("ref", c.leaf("ref"));
    }
    return leaves;
  }
}
