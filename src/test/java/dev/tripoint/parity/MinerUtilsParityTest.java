package dev.tripoint.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Index helpers against pytorch-metric-learning's, random draws included. */
class MinerUtilsParityTest {

  static Stream<ParityCase> cases() {
    return ParityCase.of(
        "lmu.get_all_pairs_indices",
        "lmu.get_all_triplets_indices",
        "lmu.get_random_triplet_indices",
        "lmu.convert_to_pairs",
        "lmu.convert_to_triplets");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void givesWhatTheReferenceGives(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor labels = c.input("labels");
      Indices.equal(c, found(c, labels, c.has("ref_labels") ? c.input("ref_labels") : null));
    }
  }

  private static IndexTuples found(ParityCase c, Tensor labels, @Nullable Tensor ref) {
    return switch (c.part()) {
      case "lmu.get_all_pairs_indices" -> MinerUtils.getAllPairsIndices(labels, ref);
      case "lmu.get_all_triplets_indices" -> MinerUtils.getAllTripletsIndices(labels, ref);
      case "lmu.get_random_triplet_indices" -> {
        JsonNode each = c.params().get("t_per_anchor");
        try (Generator generator = new Generator(c.json().get("seed").asLong())) {
          yield MinerUtils.getRandomTripletIndices(
              labels,
              ref,
              each.isNull() ? OptionalInt.empty() : OptionalInt.of(each.asInt()),
              generator);
        }
      }
      case "lmu.convert_to_pairs" ->
          MinerUtils.convertToPairs(Parts.tuples(c), Relation.of(labels, ref));
      case "lmu.convert_to_triplets" ->
          MinerUtils.convertToTriplets(
              Parts.tuples(c), Relation.of(labels, ref), OptionalInt.empty(), null);
      default -> throw new AssertionError(c.part());
    };
  }
}
