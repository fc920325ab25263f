package dev.tripoint.parity;

import dev.tripoint.loss.Loss;
import dev.tripoint.loss.LossResult;
import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Losses over a batch, with tuples, references, distances and reducers, against their references.
 */
class BatchLossParityTest {

  static Stream<ParityCase> cases() {
    return ParityCase.of("pml.TripletMarginLoss", "online.batch_hard", "online.batch_all");
  }

  @AfterAll
  static void print() {
    Differences.print();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void givesWhatTheReferenceGives(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      Loss loss = Parts.loss(c);
      Map<String, Tensor> leaves = new LinkedHashMap<>();
      leaves.put("embeddings", c.leaf("embeddings"));
      boolean ref = c.has("ref_embeddings");
      if (ref) {
        leaves.put("ref_embeddings", c.leaf("ref_embeddings"));
      }
      if (c.json().has("seed")) {
        LibTorch.manualSeed(c.json().get("seed").asLong());
      }
      LossResult result =
          loss.compute(
              leaves.get("embeddings"),
              c.input("labels"),
              Parts.tuples(c),
              leaves.get("ref_embeddings"),
              ref ? c.input("ref_labels") : null);
      Differences.values(c, "loss", result.loss(), c.expect().get("loss"));
      result.loss().sum().backward();
      Differences.gradients(c, leaves, c.expect().get("grads"));
      boolean asTheyAre =
          c.json().path("reducer").path("name").asText().equals("pml.DoNothingReducer");
      if (!asTheyAre) {
        Differences.stats(c, result.stats(), c.expect().get("stats"));
      }
    }
  }
}
