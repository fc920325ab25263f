package dev.tripoint.parity;

import dev.tripoint.miner.Miner;
import dev.tripoint.tensor.TensorScope;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Miners against pytorch-metric-learning, and the guide's two miners written with its helpers. */
class MinerParityTest {

  static Stream<ParityCase> cases() {
    return ParityCase.of(
        "pml.BatchHardMiner",
        "pml.BatchEasyHardMiner",
        "pml.TripletMarginMiner",
        "pml.PairMarginMiner",
        "example.PairMiner",
        "example.TripletMiner");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void findsWhatTheReferenceFinds(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      Miner miner = Parts.miner(c);
      boolean ref = c.has("ref_embeddings");
      Indices.equal(
          c,
          miner.forward(
              c.leaf("embeddings"),
              c.input("labels"),
              ref ? c.leaf("ref_embeddings") : null,
              ref ? c.input("ref_labels") : null));
    }
  }
}
