package dev.tripoint.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tripoint.catalog.Accepts;
import dev.tripoint.loss.Loss;
import dev.tripoint.loss.LossResult;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every loss over a batch, with tuples, references, masks, weights, distances and reducers, against
 * its reference.
 */
class BatchLossParityTest {

  static Stream<ParityCase> cases() {
    return Parts.losses(Accepts.Form.BATCH);
  }

  @AfterAll
  static void print() {
    Differences.print();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void givesWhatTheReferenceGives(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      Map<String, Tensor> leaves = new LinkedHashMap<>();
      for (String name : new String[] {"embeddings", "ref_embeddings", "weights"}) {
        if (c.has(name)) {
          leaves.put(name, c.leaf(name));
        }
      }
      if (c.json().has("init_seed")) {
        LibTorch.manualSeed(c.json().get("init_seed").asLong());
      }
      Loss loss = Parts.loss(c, leaves.get("weights"));
      if (c.json().has("seed")) {
        LibTorch.manualSeed(c.json().get("seed").asLong());
      }
      for (JsonNode earlier : c.json().path("earlier")) {
        loss.forward(c.array(earlier.get("embeddings")), c.array(earlier.get("labels")));
      }
      LossResult result =
          loss.compute(
              leaves.get("embeddings"), relation(c), Parts.tuples(c), leaves.get("ref_embeddings"));
      Differences.values(c, "loss", result.loss(), c.expect().get("loss"));
      if (result.loss().requiresGrad()) {
        result.loss().sum().backward();
      }
      Differences.gradients(c, leaves, c.expect().get("grads"));
      boolean asTheyAre =
          c.json().path("reducer").path("name").asText().equals("pml.DoNothingReducer");
      if (!asTheyAre && c.expect().has("stats")) {
        Differences.stats(c, result.stats(), c.expect().get("stats"));
      }
    }
  }

  /** By masks where the case has them, else by labels. */
  static @Nullable Relation relation(ParityCase c) {
    if (c.has("positive_mask")) {
      return Relation.ofMask(
          c.input("positive_mask"), c.has("ignore_mask") ? c.input("ignore_mask") : null);
    }
    if (!c.has("labels")) {
      return null;
    }
    return Relation.of(c.input("labels"), c.has("ref_labels") ? c.input("ref_labels") : null);
  }
}
