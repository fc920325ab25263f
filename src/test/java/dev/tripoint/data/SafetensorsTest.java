package dev.tripoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Against a file that the format's own library wrote: scripts/parity/make-arrays. */
class SafetensorsTest {
  private static final Path NUMBERS = Path.of("src/test/resources/arrays/numbers.safetensors");

  @TempDir Path folder;
  private TensorScope scope;

  @BeforeEach
  void open() {
    scope = TensorScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @ParameterizedTest
  @CsvSource({
    "float64, FLOAT64",
    "float32, FLOAT32",
    "float16, FLOAT16",
    "bfloat16, BFLOAT16",
    "int64, INT64",
    "int32, INT32",
    "int16, INT16",
    "int8, INT8",
    "uint8, UINT8",
    "uint16, INT32",
    "uint32, INT64",
    "uint64, INT64"
  })
  void readsEveryType(String name, DType dtype) {
    Tensor tensor = Safetensors.read(NUMBERS, name);
    assertThat(tensor.dtype()).isEqualTo(dtype);
    assertThat(tensor.sizes()).containsExactly(2, 3);
    assertThat(tensor.toDoubleArray()).containsExactly(0, 1, 2, 3, 4, 5);
  }

  @Test
  void readsOtherShapesAndNames() {
    assertThat(Safetensors.read(NUMBERS, "bool").toBooleanArray())
        .containsExactly(false, true, false, true, false, true);
    assertThat(Safetensors.read(NUMBERS, "scalar").item()).isEqualTo(2.5);
    assertThat(Safetensors.read(NUMBERS, "empty").sizes()).containsExactly(0, 3);
    assertThat(Safetensors.names(NUMBERS)).contains("float64", "float8").hasSize(16);
    assertThat(ArrayFiles.read(NUMBERS + ":int8").toLongArray()).containsExactly(0, 1, 2, 3, 4, 5);
  }

  @Test
  void namesAndTypesThatCannotBeReadAreErrors() {
    assertThatThrownBy(() -> Safetensors.read(NUMBERS, "float23"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("float23")
        .hasMessageContaining("and 8 more")
        .satisfies(NpyTest::isOneSentence);
    assertThatThrownBy(() -> Safetensors.read(NUMBERS, "float8"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("F8_E4M3")
        .satisfies(NpyTest::isOneSentence);
    assertThatThrownBy(() -> ArrayFiles.read(NUMBERS.toString()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("say which array");
    assertThatThrownBy(() -> ArrayFiles.read("none.safetensors:x"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no such file");
  }

  @Test
  void everyTruncationIsAnError() throws IOException {
    byte[] whole = Files.readAllBytes(NUMBERS);
    for (int length = 0; length < whole.length; length += 1 + length / 50) {
      Path file = Files.write(folder.resolve("cut.safetensors"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Safetensors.read(file, "float32"))
          .as("length %d", length)
          .isInstanceOf(DataException.class)
          .hasMessageStartingWith(file.toString())
          .satisfies(NpyTest::isOneSentence);
    }
  }

  static Stream<String> hostileHeaders() {
    return Stream.of(
        "",
        "[]",
        "{",
        "{\"a\":1}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"I8\",\"shape\":[4],\"data_offsets\":[4,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,9223372036854775807]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":7,\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8],\"x\":1}}",
        "{\"__metadata__\":{\"a\":1},\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}} {}");
  }

  @ParameterizedTest
  @MethodSource("hostileHeaders")
  void hostileHeadersAreErrors(String header) throws IOException {
    Path file = withHeader(header.getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(() -> Safetensors.read(file, "a"))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(file.toString())
        .satisfies(NpyTest::isOneSentence);
  }

  @Test
  void hostileLengthsAreErrors() throws IOException {
    for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001, 9}) {
      byte[] bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
      Path file = Files.write(folder.resolve("long.safetensors"), bytes);
      assertThatThrownBy(() -> Safetensors.names(file))
          .isInstanceOf(DataException.class)
          .satisfies(NpyTest::isOneSentence);
    }
  }

  @Test
  void whatIsWrittenIsReadBackAndTheSameEachTime() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("small", Tensor.of(new byte[] {1, 2, 3}, 3));
    tensors.put("half", Tensor.of(new float[] {1, 2, 3}, 3).to(DType.BFLOAT16));
    tensors.put("wide \"name\"", Tensor.of(new double[] {1, 2, 3, 4, 5, 6}, 2, 3).t());
    tensors.put("none", Tensor.of(new float[0], 0, 4));
    Path file = folder.resolve("out.safetensors");
    Safetensors.write(file, tensors, Map.of("k", "é"));
    byte[] first = Files.readAllBytes(file);
    assertThat(Safetensors.names(file)).containsExactlyInAnyOrderElementsOf(tensors.keySet());
    tensors.forEach((name, tensor) -> {
      Tensor back = Safetensors.read(file, name);
      assertThat(back.dtype()).isEqualTo(tensor.dtype());
      assertThat(back.sizes()).isEqualTo(tensor.sizes());
      assertThat(back.toDoubleArray()).isEqualTo(tensor.toDoubleArray());
    });
    Safetensors.write(file, tensors, Map.of("k", "é"));
    assertThat(Files.readAllBytes(file)).isEqualTo(first);
  }

  private Path withHeader(byte[] header) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(16 + header.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header);
    return Files.write(folder.resolve("made.safetensors"), bytes.array());
  }
}
