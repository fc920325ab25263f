package dev.tripoint.parity;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.Triplets;
import dev.tripoint.tensor.Tensor;

/** Compares indices with what a reference found, order included. */
final class Indices {

  private Indices() {}

  static void equal(ParityCase c, IndexTuples found) {
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
    JsonNode expected = c.expect().get(name);
    assertThat(expected).as("%s gives no %s", c, name).isNotNull();
    assertThat(found.toLongArray()).as("%s %s", c, name).isEqualTo(ParityCase.longs(expected));
  }
}
