package dev.tripoint.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The one JSON document of an answer: numbers with all their digits, NaN and infinities as null.
 */
final class Json {
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  private final JsonGenerator generator;

  private Json(JsonGenerator generator) {
    this.generator = generator;
  }

  /** Writes what goes into the document. */
  @FunctionalInterface
  interface Body {
    void write(Json json) throws IOException;
  }

  /** Writes an object on one line. */
  static void line(Console console, Body members) throws IOException {
    write(console, false, members);
  }

  /** Writes an object over several lines. */
  static void page(Console console, Body members) throws IOException {
    write(console, true, members);
  }

  private static void write(Console console, boolean indented, Body members) throws IOException {
    JsonGenerator generator = FACTORY.createGenerator(console.out());
    if (indented) {
      DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
      generator.setPrettyPrinter(
          new DefaultPrettyPrinter().withObjectIndenter(indenter).withArrayIndenter(indenter));
    }
    generator.writeStartObject();
    members.write(new Json(generator));
    generator.writeEndObject();
    generator.writeRaw('\n');
    generator.close();
  }

  /** An object as a member, or as an entry where the name is null. */
  void object(@Nullable String name, Body members) throws IOException {
    name(name);
    generator.writeStartObject();
    members.write(this);
    generator.writeEndObject();
  }

  /** An array as a member, or as an entry where the name is null. */
  void array(@Nullable String name, Body entries) throws IOException {
    name(name);
    generator.writeStartArray();
    entries.write(this);
    generator.writeEndArray();
  }

  /** A text, number, truth value or null as a member. */
  void member(String name, @Nullable Object value) throws IOException {
    name(name);
    value(value);
  }

  /** A text, number, truth value or null. */
  void value(@Nullable Object value) throws IOException {
    switch (value) {
      case null -> generator.writeNull();
      case Double number -> number(number);
      case Float number -> number(number);
      case Long number -> generator.writeNumber(number);
      case Integer number -> generator.writeNumber(number);
      case Boolean truth -> generator.writeBoolean(truth);
      default -> generator.writeString(value.toString());
    }
  }

  /** A number, null where it is not finite. */
  void number(double value) throws IOException {
    if (Double.isFinite(value)) {
      generator.writeNumber(value);
    } else {
      generator.writeNull();
    }
  }

  /** Whole numbers as a member, or as an entry where the name is null. */
  void longs(@Nullable String name, long[] values) throws IOException {
    name(name);
    generator.writeArray(values, 0, values.length);
  }

  /** Numbers by name as a member. */
  void numbers(String name, Map<String, Double> values) throws IOException {
    object(
        name,
        json -> {
          for (Map.Entry<String, Double> entry : values.entrySet()) {
            json.member(entry.getKey(), entry.getValue());
          }
        });
  }

  /** Numbers in C order as nested arrays of that shape; a bare number for no dimensions. */
  void nested(String name, double[] values, long[] sizes) throws IOException {
    name(name);
    nested(values, sizes, 0, 0, values.length);
  }

  private void nested(double[] values, long[] sizes, int dimension, int from, int length)
      throws IOException {
    if (dimension == sizes.length) {
      number(values[from]);
      return;
    }
    generator.writeStartArray();
    int count = (int) sizes[dimension];
    for (int i = 0; i < count; i++) {
      nested(values, sizes, dimension + 1, from + i * (length / count), length / count);
    }
    generator.writeEndArray();
  }

  private void name(@Nullable String name) throws IOException {
    if (name != null) {
      generator.writeFieldName(name);
    }
  }
}
