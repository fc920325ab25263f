package dev.tripoint.parity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tripoint.corpus.CorpusMiner;
import dev.tripoint.corpus.MiningOptions;
import dev.tripoint.corpus.Negatives;
import dev.tripoint.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Hard negatives of a corpus against sentence-transformers' mine_hard_negatives. */
class CorpusMinerParityTest {

  static Stream<ParityCase> cases() {
    return ParityCase.of("mine_hard_negatives");
  }

  @AfterAll
  static void print() {
    Differences.print();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void findsWhatTheReferenceFinds(ParityCase c) {
    List<long[]> positives = new ArrayList<>();
    c.json().get("positives").forEach(each -> positives.add(ParityCase.longs(each)));
    try (TensorScope _ = TensorScope.open()) {
      List<Negatives> found =
          new CorpusMiner(options(c.params()))
              .mineWithScores(c.input("queries"), c.input("corpus"), positives);
      JsonNode rows = c.expect().get("negative");
      JsonNode scores = c.expect().get("score");
      assertThat(found).hasSize(rows.size());
      for (int query = 0; query < found.size(); query++) {
        Negatives ours = found.get(query);
        assertThat(ours.rows())
            .as("%s query %d", c, query)
            .isEqualTo(ParityCase.longs(rows.get(query)));
        Differences.values(c, "scores", ours.scores(), doubles(scores.get(query)));
      }
    }
  }

  private static MiningOptions options(JsonNode p) {
    return MiningOptions.DEFAULT
        .withRange(
            p.path("range_min").asInt(0),
            p.has("range_max") ? (Integer) p.get("range_max").asInt() : null,
            p.path("num_negatives").asInt(3))
        .withScores(number(p, "min_score"), number(p, "max_score"))
        .withMargins(number(p, "absolute_margin"), number(p, "relative_margin"))
        .withIncludePositives(Parts.flag(p, "include_positives"))
        .withDeduplicate(Parts.flag(p, "deduplicate"));
  }

  private static @Nullable Double number(JsonNode params, String name) {
    return params.has(name) ? (Double) params.get(name).asDouble() : null;
  }

  private static double[] doubles(JsonNode list) {
    double[] values = new double[list.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = list.get(i).asDouble();
    }
    return values;
  }
}
