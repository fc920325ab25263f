package dev.tripoint.catalog;

import java.util.List;

/** The pair losses of pytorch-metric-learning, beside its triplet loss. */
final class PmlPairLosses {
  private PmlPairLosses() {}

  static List<Part<?>> all() {
    return List.of();
  }
}
