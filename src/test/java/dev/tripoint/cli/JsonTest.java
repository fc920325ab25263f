package dev.tripoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  private static String write(Json.Body body) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Console console = new Console(out, new PrintStream(OutputStream.nullOutputStream()));
    Json.line(console, body);
    console.flush();
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void oneDocumentOnOneLine() throws IOException {
    String text =
        write(json -> {
          json.member("text", "ü \"q\" \n");
          json.member("whole", 3L);
          json.member("truth", true);
          json.member("nothing", null);
          json.longs("indices", new long[] {0, -1, 9_000_000_000L});
        });
    assertThat(text)
        .isEqualTo(
            "{\"text\":\"ü \\\"q\\\" \\n\",\"whole\":3,\"truth\":true,\"nothing\":null,"
                + "\"indices\":[0,-1,9000000000]}\n");
  }

  @Test
  void numbersKeepTheirDigits() throws IOException {
    assertThat(write(json -> json.member("x", 0.1 + 0.2))).contains("0.30000000000000004");
    assertThat(write(json -> json.member("x", (double) 0.1f))).contains("0.10000000149011612");
    assertThat(write(json -> json.member("x", Double.MIN_VALUE))).contains("4.9E-324");
  }

  @Test
  void whatIsNotFiniteIsNull() throws IOException {
    Map<String, Double> numbers = new LinkedHashMap<>();
    numbers.put("a", Double.NaN);
    numbers.put("b", Double.POSITIVE_INFINITY);
    numbers.put("c", 1.5);
    assertThat(write(json -> json.numbers("stats", numbers)))
        .isEqualTo("{\"stats\":{\"a\":null,\"b\":null,\"c\":1.5}}\n");
  }

  @Test
  void arraysNest() throws IOException {
    double[] values = {1, 2, 3, 4, 5, Double.NaN};
    assertThat(write(json -> json.nested("x", values, new long[] {2, 3})))
        .isEqualTo("{\"x\":[[1.0,2.0,3.0],[4.0,5.0,null]]}\n");
    assertThat(write(json -> json.nested("x", new double[] {7}, new long[0])))
        .isEqualTo("{\"x\":7.0}\n");
    assertThat(write(json -> json.nested("x", new double[0], new long[] {0})))
        .isEqualTo("{\"x\":[]}\n");
    assertThat(write(json -> json.nested("x", new double[0], new long[] {2, 0})))
        .isEqualTo("{\"x\":[[],[]]}\n");
  }

  @Test
  void aReaderThatGoesAwayIsNoFailure() throws IOException {
    Console console =
        new Console(
            new OutputStream() {
              @Override
              public void write(int value) throws IOException {
                throw new IOException("Broken pipe");
              }
            },
            new PrintStream(OutputStream.nullOutputStream()));
    Json.line(console, json -> json.longs("x", new long[100_000]));
    console.flush();
  }
}
