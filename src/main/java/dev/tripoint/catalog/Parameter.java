package dev.tripoint.catalog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One parameter of a part.
 *
 * @param name as the reference calls it, in snake case
 * @param type what its value is
 * @param required whether a value must be given
 * @param defaultValue the reference's default: a Double, Long, Boolean or String; null where there
 *     is none
 * @param range the numbers allowed; of no meaning for flags and choices
 * @param words the words allowed: all there are for a choice, those beside numbers otherwise
 * @param meaning what it does, in a few words
 */
public record Parameter(
    String name,
    Type type,
    boolean required,
    @Nullable Object defaultValue,
    Range range,
    List<String> words,
    String meaning) {

  /** What a parameter's value is. */
  public enum Type {
    /** A number: {@link Double}. */
    FLOAT,
    /** A whole number: {@link Long}. */
    INT,
    /** {@code true} or {@code false}: {@link Boolean}. */
    BOOL,
    /** One of some words: {@link String}. */
    CHOICE,
    /** Some of some words, with commas between: {@link String}. */
    WORDS,
    /** Two numbers, the first not greater than the second: a {@link List} of {@link Double}. */
    RANGE,
    /** Numbers: a {@link List} of {@link Double}. */
    LIST,
    /** Another part: {@link Nested}. */
    PART,
    /** Other parts by a name each: a {@link Map} of {@link Nested}. */
    PARTS;

    /** In lower case, as the listing has it. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Copies the words. */
  public Parameter {
    words = List.copyOf(words);
  }

  /** A number that must be given. */
  public static Parameter requiredReal(String name, Range range, String meaning) {
    return new Parameter(name, Type.FLOAT, true, null, range, List.of(), meaning);
  }

  /** A number with a default. */
  public static Parameter real(String name, double defaultValue, Range range, String meaning) {
    return new Parameter(name, Type.FLOAT, false, defaultValue, range, List.of(), meaning);
  }

  /** A number that may be left out, and then there is none. */
  public static Parameter optionalReal(String name, Range range, String meaning) {
    return new Parameter(name, Type.FLOAT, false, null, range, List.of(), meaning);
  }

  /** A whole number that must be given. */
  public static Parameter requiredInteger(String name, Range range, String meaning) {
    return new Parameter(name, Type.INT, true, null, range, List.of(), meaning);
  }

  /** A whole number with a default. */
  public static Parameter integer(String name, long defaultValue, Range range, String meaning) {
    return new Parameter(name, Type.INT, false, defaultValue, range, List.of(), meaning);
  }

  /** A whole number that may be left out, and then there is none. */
  public static Parameter optionalInteger(String name, Range range, String meaning) {
    return new Parameter(name, Type.INT, false, null, range, List.of(), meaning);
  }

  /** A whole number or the word that is its default. */
  public static Parameter integerOr(String name, String word, Range range, String meaning) {
    return new Parameter(name, Type.INT, false, word, range, List.of(word), meaning);
  }

  /** A flag. */
  public static Parameter flag(String name, boolean defaultValue, String meaning) {
    return new Parameter(name, Type.BOOL, false, defaultValue, Range.FINITE, List.of(), meaning);
  }

  /** One of some words, the first of which is the default. */
  public static Parameter choice(String name, List<String> words, String meaning) {
    return choice(name, words, words.getFirst(), meaning);
  }

  /** One of some words. */
  public static Parameter choice(
      String name, List<String> words, String defaultValue, String meaning) {
    return new Parameter(name, Type.CHOICE, false, defaultValue, Range.FINITE, words, meaning);
  }

  /** Some of some words; one of them is the default. */
  public static Parameter words(
      String name, List<String> words, String defaultValue, String meaning) {
    return new Parameter(name, Type.WORDS, false, defaultValue, Range.FINITE, words, meaning);
  }

  /** Two numbers, from and to, that may be left out. */
  public static Parameter optionalRange(String name, String meaning) {
    return new Parameter(name, Type.RANGE, false, null, Range.FINITE, List.of(), meaning);
  }

  /** Numbers that must be given, one or more. */
  public static Parameter requiredList(String name, String meaning) {
    return of(name, Type.LIST, true, meaning);
  }

  /** Numbers that may be left out. */
  public static Parameter optionalList(String name, String meaning) {
    return of(name, Type.LIST, false, meaning);
  }

  /** Another part that must be given. */
  public static Parameter requiredPart(String name, String meaning) {
    return of(name, Type.PART, true, meaning);
  }

  /** Another part that may be left out. */
  public static Parameter optionalPart(String name, String meaning) {
    return of(name, Type.PART, false, meaning);
  }

  /** Other parts by a name each, which must be given. */
  public static Parameter requiredParts(String name, String meaning) {
    return of(name, Type.PARTS, true, meaning);
  }

  /** Other parts by a name each, which may be left out. */
  public static Parameter optionalParts(String name, String meaning) {
    return of(name, Type.PARTS, false, meaning);
  }

  private static Parameter of(String name, Type type, boolean required, String meaning) {
    return new Parameter(name, type, required, null, Range.FINITE, List.of(), meaning);
  }

  /** What a value may be, in words: {@code "a number greater than 0"}. */
  public String expectation() {
    String text =
        switch (type) {
          case FLOAT -> numbers("a number");
          case INT -> numbers("a whole number");
          case BOOL -> "true or false";
          case CHOICE -> Names.alternatives(words);
          case WORDS -> "one or several of " + String.join(",", words);
          case RANGE -> "two numbers low,high";
          case LIST -> "numbers with commas between them";
          case PART -> Nested.EXPECTED;
          case PARTS -> "parts with a name before each, name:NAME(k=v,...),name:NAME";
        };
    return words.isEmpty() || type == Type.CHOICE || type == Type.WORDS
        ? text
        : text + " or " + Names.alternatives(words);
  }

  /** The default as one writes it, {@code none} where there is none. */
  public String defaultText() {
    return switch (defaultValue) {
      case null -> "none";
      case Double number -> Values.text(number);
      default -> defaultValue.toString();
    };
  }

  /**
   * A text as a value of this parameter.
   *
   * @param owner the part, for the message
   * @param text what the user wrote
   * @return a value of the type
   * @throws PartException when it is no such value or out of range
   */
  Object parse(String owner, String text) {
    String value = text.strip();
    if (words.contains(value)) {
      return value;
    }
    switch (type) {
      case FLOAT -> {
        Double number = Values.real(value);
        if (number != null && range.contains(number)) {
          return number;
        }
      }
      case INT -> {
        Long number = Values.integer(value);
        if (number != null && range.contains(number)) {
          return number;
        }
      }
      case BOOL -> {
        if (value.equalsIgnoreCase("true") || value.equalsIgnoreCase("false")) {
          return Boolean.parseBoolean(value);
        }
      }
      case CHOICE -> {
        // Words were looked at above.
      }
      case WORDS -> {
        List<String> some = Arrays.stream(value.split(",", -1)).map(String::strip).toList();
        if (words.containsAll(some) && new HashSet<>(some).size() == some.size()) {
          return String.join(",", some);
        }
      }
      case RANGE -> {
        List<Double> ends = ends(value);
        if (ends != null) {
          return ends;
        }
      }
      case LIST -> {
        List<Double> numbers = list(value);
        if (numbers != null) {
          return numbers;
        }
      }
      case PART -> {
        Nested part = Nested.parse(value);
        if (part != null) {
          return part;
        }
      }
      case PARTS -> {
        Map<String, Nested> parts = Nested.parseNamed(value);
        if (parts != null) {
          return parts;
        }
      }
    }
    String near = type == Type.CHOICE ? Names.suggestion(value, words, "") : "";
    throw new PartException(
        "parameter %s of %s must be %s, not '%s'%s"
            .formatted(name, owner, expectation(), text, near));
  }

  private @Nullable List<Double> ends(String text) {
    int comma = text.indexOf(',');
    if (comma < 0) {
      return null;
    }
    Double low = Values.real(text.substring(0, comma));
    Double high = Values.real(text.substring(comma + 1));
    return low == null || high == null || low > high ? null : List.of(low, high);
  }

  private static @Nullable List<Double> list(String text) {
    List<Double> numbers = new ArrayList<>();
    for (String piece : text.split(",", -1)) {
      Double number = Values.real(piece);
      if (number == null) {
        return null;
      }
      numbers.add(number);
    }
    return List.copyOf(numbers);
  }

  private String numbers(String noun) {
    String limits = range.inWords();
    return limits.isEmpty() ? noun : noun + " " + limits;
  }
}
