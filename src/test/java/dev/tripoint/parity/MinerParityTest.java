package dev.tripoint.parity;

import dev.tripoint.catalog.Kind;
import dev.tripoint.miner.HDCMiner;
import dev.tripoint.miner.Miner;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.TensorScope;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every miner against its reference. */
class MinerParityTest {

  static Stream<ParityCase> cases() {
    return Parts.cases(Kind.MINER);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void findsWhatTheReferenceFinds(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      Miner miner = Parts.miner(c);
      if (miner instanceof HDCMiner hdc) {
        miner = hdc.with(Parts.tuples(c));
      }
      if (c.json().has("seed")) {
        LibTorch.manualSeed(c.json().get("seed").asLong());
      }
      Relation relation = Objects.requireNonNull(BatchLossParityTest.relation(c));
      Indices.equal(
          c,
          miner.forward(
              c.leaf("embeddings"),
              relation,
              c.has("ref_embeddings") ? c.leaf("ref_embeddings") : null));
    }
  }
}
