package dev.tripoint.cli;

import dev.tripoint.catalog.Names;
import dev.tripoint.eval.SimilarityFunction;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A way to evaluate, with the options that belong to it. */
interface Evaluation {

  /**
   * What was found.
   *
   * @param values by name
   * @param perClass by name, one for each of {@code classes}
   * @param classes labels, where values are given for each
   * @param none what it means where a value is missing
   */
  record Found(
      Map<String, Double> values, Map<String, double[]> perClass, long[] classes, String none) {}

  /** The options that it needs, in words. */
  String needs();

  /** Every option of its own, null where it is absent. */
  Map<String, @Nullable String> given();

  /**
   * Measures.
   *
   * @param measures what the user asked for, or null
   * @param by what makes rows near
   */
  Found measure(@Nullable String measures, SimilarityFunction by);

  /** The first option of its own that was given, or null. */
  default @Nullable String first() {
    return given().entrySet().stream()
        .filter(entry -> entry.getValue() != null)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(null);
  }

  /** A list like {@code a,b}, each once; {@code all} and null stand for what is given here. */
  static List<String> names(
      @Nullable String text, List<String> all, List<String> standard, List<String> known) {
    if (text == null) {
      return standard;
    }
    if (text.equals("all")) {
      return all;
    }
    List<String> names = new ArrayList<>(new LinkedHashSet<>(List.of(text.split(",", -1))));
    for (String name : names) {
      if (!known.isEmpty() && !known.contains(name)) {
        throw new UsageException(
            "there is no measure '%s' here%s",
            name,
            Names.suggestion(name, known, "; there are " + String.join(", ", known) + " and all"));
      }
    }
    return names;
  }

  /** Refuses a missing option. */
  static String require(String option, @Nullable String file) {
    if (file == null) {
      throw new UsageException("eval needs %s FILE", option);
    }
    return file;
  }
}
