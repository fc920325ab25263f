package dev.tripoint.parity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * A case that a reference answered, in one precision. {@code scripts/parity/make-cases} wrote it
 * and says what is in it.
 */
record ParityCase(String part, JsonNode json, DType dtype) {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** All cases of parts, each in float64 and in float32. */
  static Stream<ParityCase> of(String... parts) {
    List<ParityCase> cases = new ArrayList<>();
    for (String part : parts) {
      try (InputStream in = ParityCase.class.getResourceAsStream("/parity/" + part + ".json")) {
        if (in == null) {
          throw new AssertionError(part + " has no cases: scripts/parity/make-cases makes them");
        }
        for (JsonNode json : MAPPER.readTree(in).get("cases")) {
          for (DType dtype : List.of(DType.FLOAT64, DType.FLOAT32)) {
            // Draws by weight differ by precision.
            if (!json.has("dtype") || json.get("dtype").asText().equals(dtype.torchName())) {
              cases.add(new ParityCase(part, json, dtype));
            }
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return cases.stream();
  }

  boolean has(String input) {
    return json.get("inputs").has(input);
  }

  /** An input; floats in this case's precision. */
  Tensor input(String name) {
    return array(json.get("inputs").get(name));
  }

  /** An array of the case; floats in this case's precision. */
  Tensor array(JsonNode array) {
    long[] sizes = longs(array.get("shape"));
    ByteBuffer data = data(array);
    return switch (array.get("dtype").asText()) {
      case "float32" -> {
        float[] values = new float[data.remaining() / 4];
        data.asFloatBuffer().get(values);
        yield Tensor.of(values, values.length).to(dtype).reshape(sizes);
      }
      case "bool" -> {
        boolean[] values = new boolean[data.remaining()];
        for (int i = 0; i < values.length; i++) {
          values[i] = data.get(i) != 0;
        }
        yield Tensor.of(values, sizes);
      }
      case "uint8", "int8", "int16", "int32", "int64" -> {
        DType type = DType.valueOf(array.get("dtype").asText().toUpperCase(Locale.ROOT));
        long[] values = new long[data.remaining() / type.byteSize()];
        for (int i = 0; i < values.length; i++) {
          values[i] = integer(data, type, i);
        }
        yield Tensor.of(values, sizes).to(type);
      }
      default -> throw new AssertionError(array.get("dtype"));
    };
  }

  /** An input that gradients are wanted for. */
  Tensor leaf(String name) {
    return input(name).requiresGrad(true);
  }

  JsonNode params() {
    return json.get("params");
  }

  JsonNode expect() {
    return json.get("expect");
  }

  String name() {
    return json.get("name").asText();
  }

  /** Values of an array that the reference answered in float64. */
  static double[] doubles(JsonNode array) {
    ByteBuffer data = data(array);
    double[] values = new double[data.remaining() / 8];
    data.asDoubleBuffer().get(values);
    return values;
  }

  static long[] longs(JsonNode list) {
    long[] values = new long[list.size()];
    Arrays.setAll(values, i -> list.get(i).asLong());
    return values;
  }

  /** What a value may be off by, for a reference value of 1 or less. */
  double valueTolerance() {
    JsonNode own = json.get("tolerance");
    if (own != null) {
      return own.get(dtype.torchName()).asDouble();
    }
    return dtype == DType.FLOAT64 ? 1e-9 : 2e-5;
  }

  /** What gradients may be off by, as a part of the largest. */
  double gradientTolerance() {
    JsonNode own = json.get("gradient_tolerance");
    if (own != null) {
      return own.get(dtype.torchName()).asDouble();
    }
    return dtype == DType.FLOAT64 ? 1e-7 : 1e-3;
  }

  @Override
  public String toString() {
    return part + ": " + name() + " (" + dtype.torchName() + ")";
  }

  private static long integer(ByteBuffer data, DType type, int i) {
    return switch (type.byteSize()) {
      case 1 -> type == DType.UINT8 ? data.get(i) & 0xff : data.get(i);
      case 2 -> data.getShort(2 * i);
      case 4 -> data.getInt(4 * i);
      default -> data.getLong(8 * i);
    };
  }

  private static ByteBuffer data(JsonNode array) {
    try {
      return ByteBuffer.wrap(array.get("data").binaryValue()).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
