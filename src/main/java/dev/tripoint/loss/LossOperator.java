package dev.tripoint.loss;

import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One of Tripoint's operators that give a loss, and how it is called.
 *
 * @param face differentiable; the loss is its first result
 * @param raw gives loss and gradient
 */
record LossOperator(Op face, Op raw) {

  /** What is recorded of a call, by the reference's names. */
  interface Recorder {
    void record(Map<String, Double> stats, List<Object> results);
  }

  static LossOperator of(String name) {
    return new LossOperator(Op.of(name), Op.of(name + "_raw"));
  }

  LossResult compute(Recorder recorder, @Nullable Object... arguments) {
    try (TensorScope scope = TensorScope.open()) {
      List<Object> results = face.call(arguments);
      Map<String, Double> stats = new LinkedHashMap<>();
      recorder.record(stats, results);
      return new LossResult(scope.keep((Tensor) results.getFirst()), stats);
    }
  }

  LossGradient lossAndGradient(@Nullable Object... arguments) {
    return LossGradient.from(raw, arguments);
  }
}
