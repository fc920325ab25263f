package dev.tripoint.catalog;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Numbers as a user writes and reads them. */
public final class Values {
  private static final Pattern REAL =
      Pattern.compile("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?");
  private static final Pattern INTEGER = Pattern.compile("[+-]?\\d{1,18}");

  private Values() {}

  /**
   * The number that a text stands for: decimal or with an exponent, or {@code inf}; null where it
   * is none. NaN, hexadecimal and Java's suffixes are none, nor is a number too large for a double.
   */
  public static @Nullable Double real(String text) {
    String value = text.strip();
    switch (value.toLowerCase(Locale.ROOT)) {
      case "inf", "+inf", "infinity", "+infinity" -> {
        return Double.POSITIVE_INFINITY;
      }
      case "-inf", "-infinity" -> {
        return Double.NEGATIVE_INFINITY;
      }
      default -> {
        if (!REAL.matcher(value).matches()) {
          return null;
        }
        double number = Double.parseDouble(value);
        return Double.isInfinite(number) ? null : (Double) number;
      }
    }
  }

  /** The whole number that a text stands for, or null where it is none. */
  public static @Nullable Long integer(String text) {
    String value = text.strip();
    return INTEGER.matcher(value).matches() ? Long.valueOf(value) : null;
  }

  /** A number as one writes it: {@code 1}, {@code 0.05}, {@code 1e-06}, {@code inf}. */
  public static String text(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      return Long.toString((long) value);
    }
    return Double.toString(value).replace("E", "e");
  }
}
