package dev.tripoint.cli;

import dev.tripoint.catalog.Names;
import dev.tripoint.catalog.Range;
import dev.tripoint.catalog.Values;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The values of a command's own options, checked. */
final class OptionValues {
  private OptionValues() {}

  /** A number within a range; null stays null. */
  static @Nullable Double real(String option, @Nullable String text, Range range) {
    if (text == null) {
      return null;
    }
    Double value = Values.real(text);
    if (value == null || !range.contains(value)) {
      throw refuse(option, "a number", range, text);
    }
    return value;
  }

  /** A whole number within a range; null stays null. */
  static @Nullable Long integer(String option, @Nullable String text, Range range) {
    if (text == null) {
      return null;
    }
    Long value = Values.integer(text);
    if (value == null || !range.contains(value)) {
      throw refuse(option, "a whole number", range, text);
    }
    return value;
  }

  /** One of some words. */
  static String word(String option, String text, List<String> words) {
    if (!words.contains(text)) {
      throw new UsageException(
          "%s must be %s, not '%s'%s",
          option, Names.alternatives(words), text, Names.suggestion(text, words, ""));
    }
    return text;
  }

  private static UsageException refuse(String option, String noun, Range range, String text) {
    String limits = range.inWords();
    return new UsageException(
        "%s must be %s, not '%s'", option, limits.isEmpty() ? noun : noun + " " + limits, text);
  }
}
