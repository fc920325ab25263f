package dev.tripoint.parity;

import dev.tripoint.catalog.Kind;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every regularizer against pytorch-metric-learning. */
class RegularizerParityTest {

  static Stream<ParityCase> cases() {
    return Parts.cases(Kind.REGULARIZER);
  }

  @AfterAll
  static void print() {
    Differences.print();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void givesWhatTheReferenceGives(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor rows = c.leaf("rows");
      Tensor cost = Parts.regularizer(c).forward(rows);
      Differences.values(c, "cost", cost, c.expect().get("loss"));
      cost.sum().backward();
      Differences.gradients(c, Map.of("rows", rows), c.expect().get("grads"));
    }
  }
}
