package dev.tripoint.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Compares with what the references answered, and remembers the largest differences to print them.
 */
final class Differences {

  private static final double SMALLEST_GRADIENT = 1e-4;

  private static final Map<String, double[]> LARGEST = new TreeMap<>();

  private Differences() {}

  /** Values, each to the case's tolerance times max(1, |reference|). */
  static void values(ParityCase c, String what, Tensor ours, JsonNode reference) {
    assertThat(ours.sizes()).as("%s %s: shape", c, what).isEqualTo(shape(reference));
    assertThat(ours.dtype()).as("%s %s: dtype", c, what).isEqualTo(c.dtype());
    values(c, what, ours.toDoubleArray(), ParityCase.doubles(reference));
  }

  static void values(ParityCase c, String what, double[] ours, double[] reference) {
    assertThat(ours).as("%s %s", c, what).hasSameSizeAs(reference);
    for (int i = 0; i < ours.length; i++) {
      double off = Math.abs(ours[i] - reference[i]) / Math.max(1, Math.abs(reference[i]));
      remember(c, 0, off);
      assertThat(off)
          .as("%s %s[%d]: %s for %s", c, what, i, ours[i], reference[i])
          .isLessThanOrEqualTo(c.valueTolerance());
    }
  }

  /** Gradients of a leaf, to the case's tolerance times the largest. */
  static void gradient(ParityCase c, String name, Tensor leaf, JsonNode reference) {
    Tensor grad = leaf.grad();
    double[] expected = ParityCase.doubles(reference);
    double[] ours = grad == null ? new double[expected.length] : grad.toDoubleArray();
    assertThat(ours).as("%s gradient of %s", c, name).hasSameSizeAs(expected);
    double largest = SMALLEST_GRADIENT;
    for (double x : expected) {
      largest = Math.max(largest, Math.abs(x));
    }
    for (int i = 0; i < ours.length; i++) {
      double off = Math.abs(ours[i] - expected[i]) / largest;
      remember(c, 1, off);
      assertThat(off)
          .as("%s gradient of %s[%d]: %s for %s", c, name, i, ours[i], expected[i])
          .isLessThanOrEqualTo(c.gradientTolerance());
    }
  }

  /** Gradients of all leaves that the case names. */
  static void gradients(ParityCase c, Map<String, Tensor> leaves, JsonNode reference) {
    reference
        .properties()
        .forEach(e -> gradient(c, e.getKey(), leaves.get(e.getKey()), e.getValue()));
  }

  static void stats(ParityCase c, Map<String, Double> ours, JsonNode reference) {
    assertThat(ours.keySet())
        .as("%s stats", c)
        .containsExactlyInAnyOrderElementsOf(
            () -> reference.properties().stream().map(Map.Entry::getKey).iterator());
    // The references count in float32; what is no count is as exact as values are.
    double least = Math.max(1e-7, c.valueTolerance());
    reference
        .properties()
        .forEach(e -> {
          double expected = e.getValue().asDouble();
          assertThat(ours.get(e.getKey()))
              .as("%s %s", c, e.getKey())
              .isCloseTo(expected, within(least * Math.max(1, Math.abs(expected))));
        });
  }

  /**
   * Prints the largest differences so far, and writes them for scripts/parity/make-page where
   * {@code tripoint.parity.out} names a folder.
   */
  static void print() {
    String out = System.getProperty("tripoint.parity.out");
    LARGEST.forEach((part, off) -> {
      System.out.printf(Locale.ROOT, "%-50s values %.1e, gradients %.1e%n", part, off[0], off[1]);
      if (out != null) {
        try {
          Path folder = Files.createDirectories(Path.of(out));
          Files.writeString(folder.resolve(part + ".txt"), off[0] + " " + off[1] + "\n");
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    });
    LARGEST.clear();
  }

  private static void remember(ParityCase c, int kind, double off) {
    if (c.json().has("tolerance")) {
      return;
    }
    String key = c.part() + (c.dtype() == DType.FLOAT64 ? " float64" : " float32");
    double[] largest = LARGEST.computeIfAbsent(key, k -> new double[2]);
    largest[kind] = Math.max(largest[kind], off);
  }

  private static long[] shape(JsonNode array) {
    return ParityCase.longs(array.get("shape"));
  }
}
