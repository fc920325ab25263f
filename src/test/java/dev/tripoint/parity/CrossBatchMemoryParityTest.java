package dev.tripoint.parity;

import dev.tripoint.loss.CrossBatchMemory;
import dev.tripoint.loss.LossResult;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A memory of batches over several of them, against pytorch-metric-learning or a queue by loops.
 */
class CrossBatchMemoryParityTest {

  static Stream<ParityCase> cases() {
    return ParityCase.of("CrossBatchMemory.sequences");
  }

  @AfterAll
  static void print() {
    Differences.print();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void everyBatchGivesWhatTheReferenceGives(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      CrossBatchMemory memory = (CrossBatchMemory) Parts.loss("pml.CrossBatchMemory", c.params());
      for (int i = 0; c.has("embeddings" + i); i++) {
        try (TensorScope step = TensorScope.open()) {
          Tensor rows = c.leaf("embeddings" + i);
          LossResult result = compute(memory, c, i, rows);
          double[] expected = {c.expect().get("losses").get(i).asDouble()};
          Differences.values(c, "batch " + i, new double[] {result.loss().item()}, expected);
          result.loss().backward();
          Differences.gradient(c, "batch " + i, rows, c.expect().get("grads").get(i));
        }
      }
    }
  }

  private static LossResult compute(CrossBatchMemory memory, ParityCase c, int i, Tensor rows) {
    Tensor labels = c.input("labels" + i);
    return c.has("enqueue" + i)
        ? memory.compute(rows, labels, c.input("enqueue" + i))
        : memory.compute(
            rows, Relation.of(labels), Parts.tuples(c.json().get("tuples").get(i)), null);
  }
}
