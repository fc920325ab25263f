package dev.tripoint.catalog;

import java.util.List;

/** The losses of pytorch-metric-learning that learn weights of their own, and its wrappers. */
final class PmlWeightLosses {
  private PmlWeightLosses() {}

  static List<Part<?>> all() {
    return List.of();
  }
}
