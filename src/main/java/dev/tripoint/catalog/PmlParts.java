package dev.tripoint.catalog;

import java.util.List;
import java.util.stream.Stream;

/** The parts of pytorch-metric-learning. */
final class PmlParts {
  static final String REFERENCE = "pytorch-metric-learning 2.9.0";
  static final String LP = "pml.LpDistance";

  private PmlParts() {}

  static List<Part<?>> all() {
    return Stream.of(
            PmlLosses.all(),
            PmlPairLosses.all(),
            PmlListLosses.all(),
            PmlWeightLosses.all(),
            PmlMiners.all(),
            PmlDistances.all(),
            PmlReducers.all(),
            PmlRegularizers.all())
        .flatMap(List::stream)
        .toList();
  }
}
