package dev.tripoint.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Answers for people: short, aligned. */
final class Text {
  private static final int MOST_NUMBERS = 10;

  private Text() {}

  /** A number with six significant digits at most. */
  static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e6) {
      return Long.toString((long) value);
    }
    return String.format(Locale.ROOT, "%.6g", value);
  }

  /** The first of some numbers. */
  static String numbers(double[] values) {
    String first =
        Arrays.stream(values)
            .limit(MOST_NUMBERS)
            .mapToObj(Text::number)
            .collect(Collectors.joining(" "));
    return values.length <= MOST_NUMBERS
        ? first
        : first + " … (" + values.length + " in all; --json gives them)";
  }

  /** Names and values in two columns. */
  static String columns(Map<String, String> lines) {
    int width = lines.keySet().stream().mapToInt(String::length).max().orElse(0);
    StringBuilder text = new StringBuilder();
    lines.forEach((name, value) ->
        text.append(name).repeat(' ', width - name.length() + 2).append(value).append('\n'));
    return text.toString();
  }
}
