package dev.tripoint.cli;

import dev.tripoint.eval.AccuracyCalculator.Measures;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Measures by the names that answers and files have for them. */
final class MeasureText {
  static final String MAP_AT_R = "map_at_r";
  static final String RECALL_AT_1 = "recall_at_1";
  static final String R_PRECISION = "r_precision";

  /** What it means where rows among themselves have no measure. */
  static final String LONE = "no class has two rows";

  private MeasureText() {}

  static Map<String, Double> numbers(Measures measures) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put(MAP_AT_R, measures.mapAtR());
    numbers.put(RECALL_AT_1, measures.recallAt1());
    numbers.put(R_PRECISION, measures.rPrecision());
    return numbers;
  }

  /** With four digits, or why there is none. */
  static String share(double value, String none) {
    return Double.isNaN(value) ? "none: " + none : String.format(Locale.ROOT, "%.4f", value);
  }
}
