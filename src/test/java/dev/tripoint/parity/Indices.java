package dev.tripoint.parity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.Triplets;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Compares indices with what a reference found: as lists, or as sets where its order is no promise.
 */
final class Indices {

  private Indices() {}

  static void equal(ParityCase c, IndexTuples found) {
    if (c.json().path("unordered").asBoolean()) {
      switch (found) {
        case Triplets t ->
            sets(
                c,
                Map.of("anchor", t.anchor(), "positive", t.positive(), "negative", t.negative()));
        case Pairs p -> {
          sets(c, Map.of("anchor_positive", p.anchorPositive(), "positive", p.positive()));
          sets(c, Map.of("anchor_negative", p.anchorNegative(), "negative", p.negative()));
        }
      }
      return;
    }
    switch (found) {
      case Triplets t -> {
        equal(c, "anchor", t.anchor());
        equal(c, "positive", t.positive());
        equal(c, "negative", t.negative());
      }
      case Pairs p -> {
        equal(c, "anchor_positive", p.anchorPositive());
        equal(c, "positive", p.positive());
        equal(c, "anchor_negative", p.anchorNegative());
        equal(c, "negative", p.negative());
      }
    }
  }

  static void equal(ParityCase c, String name, Tensor found) {
    assertThat(found.toLongArray()).as("%s %s", c, name).isEqualTo(expected(c, name));
  }

  private static void sets(ParityCase c, Map<String, Tensor> columns) {
    List<String> names = columns.keySet().stream().sorted().toList();
    assertThat(tuples(names.stream().map(n -> columns.get(n).toLongArray()).toList()))
        .as("%s %s", c, names)
        .containsExactlyInAnyOrderElementsOf(
            tuples(names.stream().map(n -> expected(c, n)).toList()));
  }

  private static List<List<Long>> tuples(List<long[]> columns) {
    return IntStream.range(0, columns.getFirst().length)
        .mapToObj(i -> columns.stream().map(column -> column[i]).toList())
        .toList();
  }

  private static long[] expected(ParityCase c, String name) {
    JsonNode expected = c.expect().get(name);
    assertThat(expected).as("%s gives no %s", c, name).isNotNull();
    return ParityCase.longs(expected);
  }
}
