package dev.tripoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each Java snippet of docs/from-pytorch.md, compiled and run, gives what the Python above it gave
 * when scripts/parity/make-snippets recorded it.
 */
class FromPytorchTest {

  private static final Pattern SNIPPET =
      Pattern.compile(
          "^## \\d+\\. (.+?)\\n.*?```python\\n(.*?)```.*?```java\\n(.*?)```",
          Pattern.DOTALL | Pattern.MULTILINE);

  @TempDir Path folder;

  record Snippet(String title, String python, String java) {
    @Override
    public String toString() {
      return title;
    }
  }

  static List<Snippet> snippets() throws IOException {
    List<Snippet> found = new ArrayList<>();
    Matcher matcher = SNIPPET.matcher(Files.readString(Path.of("docs/from-pytorch.md")));
    while (matcher.find()) {
      found.add(new Snippet(matcher.group(1), matcher.group(2), matcher.group(3)));
    }
    return found;
  }

  private static JsonNode recorded() throws IOException {
    try (InputStream in = FromPytorchTest.class.getResourceAsStream("/snippets.json")) {
      return new ObjectMapper().readTree(in).get("snippets");
    }
  }

  @Test
  void thereAreTwentyOne() throws IOException {
    assertThat(snippets()).hasSize(21);
  }

  @ParameterizedTest
  @MethodSource("snippets")
  void givesWhatPythonGave(Snippet snippet) throws Exception {
    JsonNode answer = recorded().get(snippet.title());
    assertThat(answer).as("scripts/parity/make-snippets records what is new").isNotNull();
    assertThat(answer.get("python").asText()).isEqualTo(snippet.python());
    try (TensorScope scope = TensorScope.open()) {
      Tensor out = (Tensor) compiled(snippet.java()).invoke(null, inputs());
      assertThat(out.sizes())
          .isEqualTo(
              IntStream.range(0, answer.get("shape").size())
                  .mapToLong(i -> answer.get("shape").get(i).asLong())
                  .toArray());
      double[] values = out.to(DType.FLOAT64).toDoubleArray();
      for (int i = 0; i < values.length; i++) {
        double expected = answer.get("out").get(i).asDouble();
        assertThat(Math.abs(values[i] - expected))
            .as("%d: %s for %s", i, values[i], expected)
            .isLessThanOrEqualTo(2e-5 * Math.max(1, Math.abs(expected)));
      }
    }
  }

  /** The inputs that make-snippets makes, in this order. */
  private Object[] inputs() {
    double[] embeddings = wave(1, 64);
    for (int i = 0; i < embeddings.length; i++) {
      embeddings[i] += i % 4 == i / 4 % 4 ? 1.5 : 0;
    }
    boolean[] positive = new boolean[100];
    List<long[]> positivesOfQueries = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      positivesOfQueries.add(new long[] {i, i + 5, i + 10, i + 15});
      for (long j : positivesOfQueries.get(i)) {
        positive[(int) (20 * i + j)] = true;
      }
    }
    return new Object[] {
      floats(embeddings, 16, 4).requiresGrad(true),
      remainders(16, 4),
      floats(wave(2, 64), 16, 4),
      floats(wave(3, 12), 4, 3).requiresGrad(true),
      floats(wave(4, 16), 4, 4),
      floats(wave(5, 20), 5, 4),
      floats(wave(6, 80), 20, 4),
      remainders(20, 5),
      Tensor.of(positive, 5, 20),
      floats(wave(7, 32), 8, 4),
      floats(wave(8, 32), 8, 4),
      floats(wave(9, 32), 8, 4),
      folder.toString(),
      positivesOfQueries
    };
  }

  private static double[] wave(double start, int count) {
    return IntStream.range(0, count).mapToDouble(i -> Math.sin(start + 7 * i)).toArray();
  }

  private static Tensor remainders(int count, int divisor) {
    return Tensor.of(IntStream.range(0, count).mapToLong(i -> i % divisor).toArray(), count);
  }

  private static Tensor floats(double[] values, long... sizes) {
    return Tensor.of(values, sizes).to(DType.FLOAT32);
  }

  private Method compiled(String snippet) throws Exception {
    Map<Boolean, List<String>> lines =
        snippet.lines().collect(Collectors.partitioningBy(l -> l.startsWith("import ")));
    String source =
        """
        %s
        import dev.tripoint.tensor.*;
        import java.nio.file.Path;
        import java.util.*;

        public final class Snippet {
          public static Tensor run(Tensor embeddings, Tensor labels, Tensor points, Tensor weight,
              Tensor classWeights, Tensor queries, Tensor corpus, Tensor corpusLabels,
              Tensor positiveMask, Tensor anchor, Tensor positive, Tensor negative, String folder,
              List<long[]> positivesOfQueries) throws Exception {
        %s
            return out;
          }
        }
        """
            .formatted(String.join("\n", lines.get(true)), String.join("\n", lines.get(false)));
    Path file = Files.writeString(folder.resolve("Snippet.java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    String classes =
        Path.of(Tensor.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .toString();
    StringWriter messages = new StringWriter();
    boolean done =
        compiler
            .getTask(
                messages,
                null,
                null,
                List.of("-proc:none", "-cp", classes, "-d", folder.toString()),
                null,
                compiler.getStandardFileManager(null, null, null).getJavaFileObjects(file))
            .call();
    assertThat(done).as("%s%n%s", source, messages).isTrue();
    URLClassLoader loader =
        new URLClassLoader(
            new URL[] {folder.toUri().toURL()}, FromPytorchTest.class.getClassLoader());
    return Stream.of(loader.loadClass("Snippet").getMethods())
        .filter(method -> method.getName().equals("run"))
        .findFirst()
        .orElseThrow();
  }
}
