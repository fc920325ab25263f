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
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against files that NumPy wrote: scripts/parity/make-arrays. */
class NpyTest {
  private static final Path ARRAYS = Path.of("src/test/resources/arrays");

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
    "f2, FLOAT16",
    "f4, FLOAT32",
    "f8, FLOAT64",
    "i1, INT8",
    "i2, INT16",
    "i4, INT32",
    "i8, INT64",
    "u1, UINT8",
    "u2, INT32",
    "u4, INT64",
    "u8, INT64"
  })
  void readsEveryTypeInEitherOrder(String kind, DType dtype) {
    for (String layout : new String[] {"-little-c.npy", "-big-fortran.npy"}) {
      Tensor tensor = Npy.read(ARRAYS.resolve(kind + layout));
      assertThat(tensor.dtype()).isEqualTo(dtype);
      assertThat(tensor.sizes()).containsExactly(2, 3);
      assertThat(tensor.isContiguous()).isTrue();
      assertThat(tensor.toDoubleArray()).containsExactly(0, 1, 2, 3, 4, 5);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"f4-little-fortran", "f4-big-c", "version-2", "version-3"})
  void readsOtherLayoutsAndVersions(String name) {
    Tensor tensor = Npy.read(ARRAYS.resolve(name + ".npy"));
    assertThat(tensor.sizes()).containsExactly(2, 3);
    assertThat(tensor.toDoubleArray()).containsExactly(0, 1, 2, 3, 4, 5);
  }

  @Test
  void readsOtherShapes() {
    assertThat(Npy.read(ARRAYS.resolve("bool.npy")).toBooleanArray())
        .containsExactly(false, true, false, true, false, true);
    Tensor scalar = Npy.read(ARRAYS.resolve("scalar.npy"));
    assertThat(scalar.dim()).isZero();
    assertThat(scalar.item()).isEqualTo(2.5);
    assertThat(Npy.read(ARRAYS.resolve("vector.npy")).toLongArray())
        .containsExactly(0, 1, 2, 3, 4, 5);
    assertThat(Npy.read(ARRAYS.resolve("empty.npy")).sizes()).containsExactly(0, 3);
    Tensor cube = Npy.read(ARRAYS.resolve("cube-fortran.npy"));
    assertThat(cube.sizes()).containsExactly(2, 3, 4);
    double[] counted = new double[24];
    Arrays.setAll(counted, i -> i);
    assertThat(cube.toDoubleArray()).containsExactly(counted);
  }

  @Test
  void aMappedFileIsNotCopiedAndCannotBeWrittenThroughItsSegment() throws IOException {
    Path file = Files.copy(ARRAYS.resolve("f4-little-c.npy"), folder.resolve("a.npy"));
    Tensor tensor = Npy.read(file);
    assertThat(tensor.segment().isReadOnly()).isTrue();
    assertThat(tensor.segment().byteSize()).isEqualTo(24);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] = 0;
    bytes[bytes.length - 2] = 0;
    try (var channel =
        java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(bytes));
    }
    // What changes in the file is seen in the tensor: there is one memory.
    assertThat(tensor.toDoubleArray()[5]).isNotEqualTo(5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "pickled.npy|pickled Python objects",
        "pickle.npy|Python pickle",
        "structured.npy|structured type",
        "complex.npy|the type '<c8'",
        "archive.npz|a zip, such as npz",
        "u8-large.npy|9223372036854775808 at element 1",
        "none.npy|no such file",
      })
  void refusesInOneSentenceThatNamesTheFile(String name, String reason) {
    Path file = ARRAYS.resolve(name);
    assertThatThrownBy(() -> Npy.read(file))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(reason)
        .satisfies(NpyTest::isOneSentence);
  }

  @Test
  void everyTruncationIsAnErrorThatNamesTheFile() throws IOException {
    byte[] whole = Files.readAllBytes(ARRAYS.resolve("f4-little-c.npy"));
    for (int length = 0; length < whole.length; length++) {
      Path file = Files.write(folder.resolve("cut.npy"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Npy.read(file))
          .as("length %d", length)
          .isInstanceOf(DataException.class)
          .hasMessageStartingWith(file.toString())
          .satisfies(NpyTest::isOneSentence);
    }
    Path file = Files.write(folder.resolve("cut.npy"), Arrays.copyOf(whole, whole.length - 3));
    assertThatThrownBy(() -> Npy.read(file))
        .hasMessageContaining("expected 152 bytes")
        .hasMessageContaining("found 149");
  }

  static Stream<String> hostileHeaders() {
    return Stream.of(
        "",
        "[1, 2]",
        "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'shape': (3,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-3, -4)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 4)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + "1,".repeat(65) + ")}",
        "{'descr': '', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} x",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)",
        "{'descr: '<f4'");
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.MethodSource("hostileHeaders")
  void hostileHeadersAreErrors(String header) throws IOException {
    Path file = withHeader(header, new byte[8]);
    assertThatThrownBy(() -> Npy.read(file))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(file.toString())
        .satisfies(NpyTest::isOneSentence);
  }

  @Test
  void damagedBytesNeverGiveMoreThanADataException() throws IOException {
    long seed = 20261124;
    Random random = new Random(seed);
    byte[] whole = Files.readAllBytes(ARRAYS.resolve("f4-little-c.npy"));
    for (int round = 0; round < 500; round++) {
      byte[] bytes = whole.clone();
      for (int k = 0; k < 3; k++) {
        bytes[random.nextInt(128)] = (byte) random.nextInt(256);
      }
      Path file = Files.write(folder.resolve("damaged.npy"), bytes);
      try (TensorScope _ = TensorScope.open()) {
        Npy.read(file).toDoubleArray();
      } catch (DataException e) {
        assertThat(e).as("seed %d, round %d", seed, round).satisfies(NpyTest::isOneSentence);
      }
    }
  }

  @Test
  void dataThatAreNotAlignedAreCopied() throws IOException {
    String header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}";
    byte[] data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(1.25).array();
    assertThat(Npy.read(withHeader(header, data)).item()).isEqualTo(1.25);
  }

  @Test
  void boolsOtherThanZeroAndOneAreErrors() throws IOException {
    Path file =
        withHeader("{'descr': '|b1', 'fortran_order': False, 'shape': (3,)}", new byte[] {0, 1, 7});
    assertThatThrownBy(() -> Npy.read(file))
        .hasMessageContaining("the byte 7")
        .hasMessageContaining("element 2");
  }

  @Test
  void whatIsWrittenIsReadBack() {
    Path file = folder.resolve("out.npy");
    for (DType dtype :
        new DType[] {
          DType.FLOAT16,
          DType.FLOAT32,
          DType.FLOAT64,
          DType.INT8,
          DType.INT16,
          DType.INT32,
          DType.INT64,
          DType.UINT8,
          DType.BOOL
        }) {
      Tensor tensor = Tensor.of(new double[] {0, 1, 0, 1, 1, 0}, 2, 3).to(dtype);
      Npy.write(file, tensor);
      Tensor back = Npy.read(file);
      assertThat(back.dtype()).isEqualTo(dtype);
      assertThat(back.sizes()).containsExactly(2, 3);
      assertThat(back.toDoubleArray()).containsExactly(0, 1, 0, 1, 1, 0);
    }
    Npy.write(file, Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3).t());
    assertThat(Npy.read(file).toDoubleArray()).containsExactly(1, 4, 2, 5, 3, 6);
  }

  @Test
  void writesTheBytesThatNumPyWrites() throws IOException {
    for (String name :
        new String[] {"f4-little-c", "i8-little-c", "vector", "scalar", "bool", "empty"}) {
      Path file = folder.resolve("same.npy");
      Npy.write(file, Npy.read(ARRAYS.resolve(name + ".npy")));
      assertThat(Files.readAllBytes(file))
          .as(name)
          .isEqualTo(Files.readAllBytes(ARRAYS.resolve(name + ".npy")));
    }
  }

  @Test
  void aFailedWriteLeavesNothing() throws IOException {
    Tensor tensor = Tensor.of(new float[] {1}, 1).to(DType.BFLOAT16);
    Path file = folder.resolve("never.npy");
    assertThatThrownBy(() -> Npy.write(file, tensor))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("bfloat16");
    Path missing = folder.resolve("no/such/folder.npy");
    assertThatThrownBy(() -> Npy.write(missing, tensor.to(DType.FLOAT32)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no folder")
        .satisfies(NpyTest::isOneSentence);
    try (Stream<Path> entries = Files.list(folder)) {
      assertThat(entries).isEmpty();
    }
  }

  private Path withHeader(String header, byte[] data) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
    ByteBuffer bytes =
        ByteBuffer.allocate(10 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes
        .put((byte) 0x93)
        .put("NUMPY".getBytes(StandardCharsets.US_ASCII))
        .put((byte) 1)
        .put((byte) 0);
    bytes.putShort((short) text.length).put(text).put(data);
    return Files.write(folder.resolve("made.npy"), bytes.array());
  }

  static void isOneSentence(Throwable error) {
    assertThat(error.getMessage()).endsWith(".").doesNotContain("\n").hasSizeLessThan(400);
  }
}
