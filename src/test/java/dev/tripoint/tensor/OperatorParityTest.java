package dev.tripoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * ATen operators of every dispatch kind, called through {@link Op}, against what Python's torch
 * gave: values, sizes, strides, types, what was written into arguments, and that views share
 * memory. The records are made by {@code scripts/parity/make-operators}.
 */
@Tag("versions")
class OperatorParityTest {

  /** One recorded call. */
  record Call(int number, String op, String kind, Map<String, Object> record) {
    @Override
    public String toString() {
      return kind + " " + op + " #" + number;
    }

    List<Object> list(String name) {
      return asList(record.get(name));
    }
  }

  static Stream<Call> calls() throws IOException {
    return read().stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("calls")
  void givesWhatPythonGives(Call call) {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      Object[] arguments = call.list("args").stream().map(this::decode).toArray();
      List<Object> results = Op.of(call.op()).call(arguments);

      List<Object> expected = call.list("results");
      assertThat(results).as("number of results").hasSameSizeAs(expected);
      for (int i = 0; i < expected.size(); i++) {
        compare("result " + i, results.get(i), expected.get(i));
      }
      if (call.record().get("written") instanceof Map<?, ?> written) {
        written.forEach((index, value) ->
            compare(
                "argument " + index + " after the call",
                arguments[Integer.parseInt((String) index)],
                value));
      }
      if (call.record().get("base_after_fill") instanceof Map<?, ?> base) {
        Tensor view =
            results.getFirst() instanceof List<?> many
                ? (Tensor) many.getFirst()
                : (Tensor) results.getFirst();
        Op.of("aten::fill_.Scalar").call(view, 7L);
        compareTensor("base after the view was filled", (Tensor) arguments[0], base);
      }
    }
  }

  @Test
  void coversEveryDispatchKind() throws IOException {
    Map<String, TreeSet<String>> byKind = new TreeMap<>();
    for (Call call : read()) {
      byKind.computeIfAbsent(call.kind(), kind -> new TreeSet<>()).add(call.op());
    }
    assertThat(byKind)
        .containsOnlyKeys(
            "backend",
            "composite",
            "composite-explicit",
            "factory",
            "in-place",
            "out",
            "structured",
            "view");
    assertThat(byKind.values().stream().mapToInt(TreeSet::size).sum()).isGreaterThanOrEqualTo(200);
    byKind.forEach((kind, ops) -> assertThat(ops).as(kind).hasSizeGreaterThanOrEqualTo(15));
  }

  /** The run on several LibTorch versions says which one it means, so that none is tested twice. */
  @Test
  void runsOnTheLibTorchThatWasAskedFor() {
    String wanted = System.getProperty("tripoint.expectVersion", "");
    assertThatCode(LibTorch::info).doesNotThrowAnyException();
    if (!wanted.isEmpty()) {
      assertThat(LibTorch.info().version()).startsWith(wanted);
    }
  }

  // ---- comparing

  private void compare(String what, Object actual, Object expected) {
    switch (expected) {
      case null -> assertThat(actual).as(what).isNull();
      case Boolean flag -> assertThat(actual).as(what).isEqualTo(flag);
      case Map<?, ?> map when map.get("tensor") instanceof Map<?, ?> tensor ->
          compareTensor(what, (Tensor) actual, tensor);
      case Map<?, ?> map when map.get("tensors") instanceof List<?> tensors -> {
        List<?> actuals = asList(actual);
        assertThat(actuals).as(what).hasSameSizeAs(tensors);
        for (int i = 0; i < tensors.size(); i++) {
          compareTensor(what + "[" + i + "]", (Tensor) actuals.get(i), (Map<?, ?>) tensors.get(i));
        }
      }
      case Map<?, ?> map when map.containsKey("int") ->
          assertThat(((Number) actual).longValue()).as(what).isEqualTo(map.get("int"));
      case Map<?, ?> map when map.containsKey("float") ->
          assertThat(((Number) actual).doubleValue())
              .as(what)
              .isCloseTo(real(map.get("float")), within(1e-6));
      default -> throw new AssertionError("no way to compare " + expected);
    }
  }

  private static void compareTensor(String what, Tensor actual, Map<?, ?> expected) {
    DType dtype = dtype((String) expected.get("dtype"));
    assertThat(actual.dtype()).as("type of %s", what).isEqualTo(dtype);
    assertThat(actual.sizes()).as("sizes of %s", what).isEqualTo(longs(expected.get("sizes")));
    assertThat(actual.strides())
        .as("strides of %s", what)
        .isEqualTo(longs(expected.get("strides")));
    List<Object> values = asList(expected.get("data"));
    double[] actuals = actual.toDoubleArray();
    assertThat(actuals).as("values of %s", what).hasSize(values.size());
    double relative =
        switch (dtype) {
          case FLOAT16 -> 1e-3;
          case FLOAT32 -> 2e-5;
          case FLOAT64 -> 1e-9;
          default -> 0;
        };
    for (int i = 0; i < actuals.length; i++) {
      double wanted = real(values.get(i));
      if (Double.isFinite(wanted)) {
        assertThat(actuals[i])
            .as("%s, entry %d", what, i)
            .isCloseTo(wanted, within(relative * Math.max(0.2, Math.abs(wanted))));
      } else {
        assertThat(actuals[i]).as("%s, entry %d", what, i).isEqualTo(wanted);
      }
    }
  }

  // ---- decoding arguments

  private Object decode(Object value) {
    return switch (value) {
      case null -> null;
      case Boolean flag -> flag;
      case Map<?, ?> map ->
          decode((String) map.keySet().iterator().next(), map.values().iterator().next());
      default -> throw new AssertionError("no argument: " + value);
    };
  }

  private Object decode(String kind, Object value) {
    return switch (kind) {
      case "default" -> Op.DEFAULT;
      case "tensor" -> tensor((Map<?, ?>) value);
      case "tensors" -> {
        List<Tensor> tensors = new ArrayList<>();
        for (Object element : asList(value)) {
          tensors.add(element == null ? null : tensor((Map<?, ?>) element));
        }
        yield tensors;
      }
      case "type" -> dtype((String) value);
      case "device" -> Device.parse((String) value);
      case "generator" -> new Generator((Long) value);
      case "int", "text" -> value;
      case "float" -> real(value);
      case "ints" -> longs(value);
      case "floats" -> asList(value).stream().mapToDouble(OperatorParityTest::real).toArray();
      default -> throw new AssertionError("no kind of argument: " + kind);
    };
  }

  private static Tensor tensor(Map<?, ?> record) {
    long[] sizes = longs(record.get("sizes"));
    long[] strides = longs(record.get("strides"));
    double[] data =
        asList(record.get("data")).stream().mapToDouble(OperatorParityTest::real).toArray();
    Tensor contiguous =
        Op.of("aten::to.dtype")
            .callTensor(
                Tensor.of(data, data.length).reshape(sizes), dtype((String) record.get("dtype")));
    // aten::to gives its own argument back where nothing changes; each argument has memory of its
    // own.
    Tensor plain = Op.of("aten::clone").callTensor(contiguous);
    if (Arrays.equals(plain.strides(), strides)) {
      return plain;
    }
    Tensor strided =
        Op.of("aten::empty_strided")
            .callTensor(sizes, strides, dtype((String) record.get("dtype")));
    Op.of("aten::copy_").call(strided, plain);
    return strided;
  }

  private static DType dtype(String torchName) {
    return Stream.of(DType.values())
        .filter(dtype -> dtype.torchName().equals(torchName))
        .findFirst()
        .orElseThrow();
  }

  private static double real(Object value) {
    return switch (value) {
      case Number number -> number.doubleValue();
      case Boolean flag -> flag ? 1 : 0;
      case String text when text.equals("nan") -> Double.NaN;
      case String text when text.equals("inf") -> Double.POSITIVE_INFINITY;
      case String text when text.equals("-inf") -> Double.NEGATIVE_INFINITY;
      default -> throw new AssertionError("no number: " + value);
    };
  }

  private static long[] longs(Object list) {
    return asList(list).stream().mapToLong(value -> ((Number) value).longValue()).toArray();
  }

  @SuppressWarnings("unchecked") // lists of the record below
  private static List<Object> asList(Object value) {
    return (List<Object>) value;
  }

  // ---- reading the record

  @SuppressWarnings("unchecked") // objects of the file have text keys
  private static List<Call> read() throws IOException {
    ObjectMapper mapper = new ObjectMapper().enable(DeserializationFeature.USE_LONG_FOR_INTS);
    try (InputStream in = OperatorParityTest.class.getResourceAsStream("/operators.json")) {
      Map<String, Object> file = mapper.readValue(in, Map.class);
      List<Call> calls = new ArrayList<>();
      for (Object entry : asList(file.get("cases"))) {
        Map<String, Object> record = (Map<String, Object>) entry;
        calls.add(
            new Call(calls.size(), (String) record.get("op"), (String) record.get("kind"), record));
      }
      return calls;
    }
  }
}
