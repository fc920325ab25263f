package dev.tripoint.property;

import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Holds a property on the samples that a part takes, with references and without. */
final class Samples {
  private static final int ROWS = 9;
  private static final int SEEDS = 4;

  private Samples() {}

  /**
   * The first violation.
   *
   * @param property what violates it on a sample, with references or without; or null
   */
  static @Nullable String violation(
      Specimen specimen, BiFunction<Sample, Boolean, @Nullable String> property) {
    for (long seed = 0; seed < SEEDS; seed++) {
      for (boolean references : new boolean[] {false, true}) {
        if (takes(specimen, references)) {
          String found = property.apply(of(specimen, seed), references);
          if (found != null) {
            return "seed %d%s: %s".formatted(seed, references ? " with references" : "", found);
          }
        }
      }
    }
    return null;
  }

  /** A sample that the part takes. */
  static Sample of(Specimen specimen, long seed) {
    return Exceptions.TWO_VIEWS.contains(specimen.name())
        ? Sample.ofTwoViews(seed)
        : Sample.of(seed, ROWS);
  }

  /** Whether the part takes a batch with references, or one without. */
  static boolean takes(Specimen specimen, boolean references) {
    return references
        ? specimen.accepts().references()
        : !Exceptions.ROWS_OF_REFERENCES.contains(specimen.name());
  }
}
