package dev.tripoint.cli;

import dev.tripoint.eval.AccuracyCalculator.Measures;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Measures by the names that answers and files have for them. */
final class MeasureText {
  private MeasureText() {}

  static Map<String, Double> numbers(Measures measures) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("map_at_r", measures.mapAtR());
    numbers.put("recall_at_1", measures.recallAt1());
    numbers.put("r_precision", measures.rPrecision());
    return numbers;
  }

  /** With four digits, or what it means that there is none. */
  static String share(double value) {
    return Double.isNaN(value)
        ? "none: no class has two rows"
        : String.format(Locale.ROOT, "%.4f", value);
  }
}
