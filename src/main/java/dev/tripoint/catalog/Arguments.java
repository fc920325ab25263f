package dev.tripoint.catalog;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The values of a part's parameters: those given, and the defaults of the others. Immutable. */
public final class Arguments {
  private final Map<String, @Nullable Object> values;

  private Arguments(Map<String, @Nullable Object> values) {
    this.values = values;
  }

  /**
   * Reads parameters from {@code name=value} texts.
   *
   * @param owner the part, for messages
   * @param parameters what it has
   * @param given what the user wrote, in any order, each name once
   * @throws PartException for an unknown or repeated name, a missing or a bad value
   */
  public static Arguments parse(String owner, List<Parameter> parameters, List<String> given) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    for (String text : given) {
      int equals = text.indexOf('=');
      String name = (equals < 0 ? text : text.substring(0, equals)).strip();
      Parameter parameter = find(owner, parameters, name);
      if (equals < 0) {
        throw new PartException(
            "parameter %s of %s needs a value: %s=… with %s"
                .formatted(name, owner, name, parameter.expectation()));
      }
      if (values.containsKey(parameter.name())) {
        throw new PartException("parameter %s of %s is given twice".formatted(name, owner));
      }
      values.put(parameter.name(), parameter.parse(owner, text.substring(equals + 1)));
    }
    for (Parameter parameter : parameters) {
      if (values.containsKey(parameter.name())) {
        continue;
      }
      if (parameter.required()) {
        throw new PartException(
            "%s needs the parameter %s: %s=… with %s"
                .formatted(owner, parameter.name(), parameter.name(), parameter.expectation()));
      }
      values.put(parameter.name(), parameter.defaultValue());
    }
    return new Arguments(values);
  }

  private static Parameter find(String owner, List<Parameter> parameters, String name) {
    for (Parameter parameter : parameters) {
      // lambda_c is lambdaC: the references write some names in camel case.
      if (plain(parameter.name()).equals(plain(name))) {
        return parameter;
      }
    }
    List<String> known = parameters.stream().map(Parameter::name).toList();
    String all =
        known.isEmpty()
            ? "; it has no parameters"
            : "; its parameters are " + String.join(", ", known);
    throw new PartException(
        "%s has no parameter '%s'%s".formatted(owner, name, Names.suggestion(name, known, all)));
  }

  private static String plain(String name) {
    return name.replace("_", "").toLowerCase(Locale.ROOT);
  }

  /** The value of a number. */
  public double real(String name) {
    return (Double) required(name);
  }

  /** The value of a number that may be left out, or null. */
  public @Nullable Double realOrNull(String name) {
    return (Double) known(name);
  }

  /** The value of a whole number. */
  public long integer(String name) {
    return (Long) required(name);
  }

  /** The value of a flag. */
  public boolean flag(String name) {
    return (Boolean) required(name);
  }

  /** The value of a choice, or any value as one writes it. */
  public String text(String name) {
    Object value = required(name);
    return value instanceof Double number ? Values.text(number) : value.toString();
  }

  /** The words given, in the user's order. */
  public List<String> words(String name) {
    return List.of(text(name).split(",", -1));
  }

  /** The two ends of a range that may be left out, or null. */
  @SuppressWarnings("unchecked")
  public @Nullable List<Double> rangeOrNull(String name) {
    return (List<Double>) known(name);
  }

  /** The numbers of a list that may be left out, or null. */
  @SuppressWarnings("unchecked")
  public @Nullable List<Double> listOrNull(String name) {
    return (List<Double>) known(name);
  }

  /** The numbers of a list. */
  public List<Double> list(String name) {
    return Objects.requireNonNull(listOrNull(name), name);
  }

  /** Another part that may be left out, or null. */
  public @Nullable Nested partOrNull(String name) {
    return (Nested) known(name);
  }

  /** Another part. */
  public Nested part(String name) {
    return (Nested) required(name);
  }

  /** Other parts by their names, in the order given; empty where they were left out. */
  @SuppressWarnings("unchecked")
  public Map<String, Nested> parts(String name) {
    Object value = known(name);
    return value == null ? Map.of() : (Map<String, Nested>) value;
  }

  /** Whether there is a value, given or by default. */
  public boolean has(String name) {
    return known(name) != null;
  }

  private Object required(String name) {
    return Objects.requireNonNull(known(name), name);
  }

  private @Nullable Object known(String name) {
    if (!values.containsKey(name)) {
      throw new IllegalArgumentException("no parameter is called " + name);
    }
    return values.get(name);
  }

  /**
   * All values by name: Double, Long, Boolean, String, lists of Double; null where there is none.
   */
  public Map<String, @Nullable Object> values() {
    return Collections.unmodifiableMap(values);
  }

  @Override
  public String toString() {
    return values.toString();
  }
}
