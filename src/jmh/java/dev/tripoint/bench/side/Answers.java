package dev.tripoint.bench.side;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Map;

/** One JSON object a line on the standard output, as {@code scripts/bench/sides.py} reads them. */
record Answers(PrintStream out) implements Progress {
  private static final JsonFactory JSON = new JsonFactory();

  @FunctionalInterface
  private interface Members {
    void write(JsonGenerator json) throws IOException;
  }

  @Override
  public void call() {
    line(json -> json.writeStringField("next", "call"));
  }

  @Override
  public void other() {
    line(json -> json.writeStringField("next", "other"));
  }

  void ready(Map<String, ?> about) {
    line(json -> {
      for (var member : about.entrySet()) {
        json.writeObjectField(member.getKey(), member.getValue());
      }
    });
  }

  void measured(Rounds rounds, String held, double peakMib) {
    line(json -> {
      json.writeStringField("held", held);
      array(json, "ms", rounds.ms());
      array(json, "held_ms", rounds.heldMs());
      json.writeNumberField("peak_mib", peakMib);
    });
  }

  void failed(Throwable why) {
    line(json -> json.writeStringField("failed", sentence(why)));
  }

  private static String sentence(Throwable why) {
    String message =
        why.getMessage() == null ? "" : why.getMessage().lines().findFirst().orElse("");
    return why instanceof OutOfMemoryError ? "out of memory: " + message : message;
  }

  private static void array(JsonGenerator json, String name, double[] values) throws IOException {
    json.writeFieldName(name);
    json.writeArray(values, 0, values.length);
  }

  private void line(Members members) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      members.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    out.println(text);
    out.flush();
  }
}
