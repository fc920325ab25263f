package dev.tripoint.data;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Device;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * NumPy's {@code .npy} files, versions 1 to 3 of the format.
 *
 * <p>Read: C or Fortran order, either byte order, float16/32/64, every integer type, bool. Written:
 * little-endian, C order, version 1. Pickled objects and structured types are refused. Every
 * failure is a {@link DataException} of one sentence that names the file.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER = 1 << 20;

  private static final Map<String, StoredType> TYPES =
      Map.ofEntries(
          Map.entry("b1", StoredType.BOOL),
          Map.entry("i1", StoredType.I8),
          Map.entry("i2", StoredType.I16),
          Map.entry("i4", StoredType.I32),
          Map.entry("i8", StoredType.I64),
          Map.entry("u1", StoredType.U8),
          Map.entry("u2", StoredType.U16),
          Map.entry("u4", StoredType.U32),
          Map.entry("u8", StoredType.U64),
          Map.entry("f2", StoredType.F16),
          Map.entry("f4", StoredType.F32),
          Map.entry("f8", StoredType.F64));

  private Npy() {}

  /**
   * Reads an array. A little-endian C-order file is mapped: no copy is made, and the file must not
   * be cut short while the tensor lives. Mapped memory is read-only: in-place operators on the
   * tensor are refused, and so are writes into its segment. Other layouts are converted once.
   * uint16 becomes int32, uint32 and uint64 become int64; every other dtype is kept.
   *
   * @return a tensor that belongs to the innermost open scope
   * @throws DataException if the file is missing, no npy file, truncated, pickled, or of a type
   *     with no dtype here
   */
  public static Tensor read(Path file) {
    try (FileChannel channel = InputFile.open(file)) {
      StoredArray array = header(file, channel);
      long expected = array.offset() + array.byteSize();
      if (channel.size() < expected) {
        throw new DataException(
            "%s: truncated: expected %d bytes for %s%s, found %d."
                .formatted(
                    file,
                    expected,
                    array.type().dtype().torchName(),
                    Arrays.toString(array.shape()),
                    channel.size()));
      }
      return array.load(channel);
    } catch (IOException e) {
      throw InputFile.cannotRead(file, e);
    }
  }

  /**
   * Writes a tensor, little-endian and in C order, as a file that appears whole or not at all. Any
   * strides and device.
   *
   * @throws DataException if the file cannot be written, or the dtype has no npy form (bfloat16)
   */
  public static void write(Path file, Tensor tensor) {
    byte[] header = headerOf(file, tensor.dtype(), tensor.sizes());
    AtomicFile.write(
        file,
        channel -> {
          AtomicFile.writeAll(channel, ByteBuffer.wrap(header));
          writeData(channel, tensor);
        });
  }

  /** The elements' bytes, C order, as they lie in a contiguous CPU tensor. */
  static void writeData(FileChannel channel, Tensor tensor) throws IOException {
    if (tensor.numel() == 0) {
      return;
    }
    try (TensorScope _ = TensorScope.open()) {
      Tensor data = tensor.detach().to(Device.CPU).contiguous();
      var segment = data.segment();
      long chunk = 1 << 28;
      for (long at = 0; at < segment.byteSize(); at += chunk) {
        long size = Math.min(chunk, segment.byteSize() - at);
        AtomicFile.writeAll(channel, segment.asSlice(at, size).asByteBuffer());
      }
    }
  }

  private static byte[] headerOf(Path file, DType dtype, long[] sizes) {
    String descr =
        switch (dtype) {
          case BOOL -> "|b1";
          case INT8 -> "|i1";
          case UINT8 -> "|u1";
          case INT16 -> "<i2";
          case INT32 -> "<i4";
          case INT64 -> "<i8";
          case FLOAT16 -> "<f2";
          case FLOAT32 -> "<f4";
          case FLOAT64 -> "<f8";
          case COMPLEX64 -> "<c8";
          case COMPLEX128 -> "<c16";
          default ->
              throw new DataException(
                  file + ": npy has no " + dtype.torchName() + "; convert to float32 first.");
        };
    String shape = LongStream.of(sizes).mapToObj(Long::toString).collect(Collectors.joining(", "));
    String dict =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s%s), }"
            .formatted(descr, shape, sizes.length == 1 ? "," : "");
    // The data begin at a multiple of 64, so that a mapped file is aligned for any type.
    int padded = (MAGIC.length + 4 + dict.length() + 1 + 63) / 64 * 64;
    ByteBuffer out = ByteBuffer.allocate(padded).order(ByteOrder.LITTLE_ENDIAN);
    out.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (padded - MAGIC.length - 4));
    out.put(dict.getBytes(StandardCharsets.US_ASCII));
    while (out.position() < padded - 1) {
      out.put((byte) ' ');
    }
    out.put((byte) '\n');
    return out.array();
  }

  private static StoredArray header(Path file, FileChannel channel) throws IOException {
    ByteBuffer start = InputFile.read(channel, 0, (int) Math.min(12, channel.size()));
    byte[] magic = new byte[Math.min(MAGIC.length, start.remaining())];
    start.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw new DataException(file + ": not an npy file" + looksLike(magic) + ".");
    }
    if (start.remaining() < 4) {
      throw truncatedHeader(file, 10, channel.size());
    }
    int major = start.get() & 0xff;
    int minor = start.get() & 0xff;
    if (major < 1 || major > 3 || minor != 0) {
      throw new DataException(
          "%s: npy format version %d.%d, expected 1.0, 2.0 or 3.0.".formatted(file, major, minor));
    }
    int lengthBytes = major == 1 ? 2 : 4;
    if (start.remaining() < lengthBytes) {
      throw truncatedHeader(file, 8 + lengthBytes, channel.size());
    }
    long length = major == 1 ? start.getShort() & 0xffff : start.getInt() & 0xffff_ffffL;
    long from = 8L + lengthBytes;
    if (length > MAX_HEADER) {
      throw new DataException(
          "%s: a header of %d bytes, expected at most %d.".formatted(file, length, MAX_HEADER));
    }
    if (channel.size() < from + length) {
      throw truncatedHeader(file, from + length, channel.size());
    }
    ByteBuffer bytes = InputFile.read(channel, from, (int) length);
    String text =
        (major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1)
            .decode(bytes)
            .toString();
    NpyHeader parsed = NpyHeader.parse(file.toString(), text);
    return layout(file.toString(), parsed, from + length);
  }

  private static StoredArray layout(String file, NpyHeader header, long offset) {
    String descr = header.descr();
    char order = descr.isEmpty() ? ' ' : descr.charAt(0);
    String kind = "<>|=".indexOf(order) >= 0 ? descr.substring(1) : descr;
    if (kind.startsWith("O")) {
      throw new DataException(
          file + ": holds pickled Python objects, expected numbers (save a plain numeric array).");
    }
    StoredType type = TYPES.get(kind);
    if (type == null) {
      throw new DataException(
          "%s: the type '%s', expected float16/32/64, an integer type or bool."
              .formatted(file, descr));
    }
    StoredArray.byteSize(file, type, header.shape());
    return new StoredArray(
        file,
        type,
        order == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
        header.fortranOrder(),
        header.shape(),
        offset);
  }

  private static DataException truncatedHeader(Path file, long expected, long found) {
    return new DataException(
        "%s: truncated: expected at least %d bytes of header, found %d."
            .formatted(file, expected, found));
  }

  private static String looksLike(byte[] start) {
    if (start.length >= 2 && start[0] == 'P' && start[1] == 'K') {
      return " but a zip, such as npz (save the one array as .npy)";
    }
    if (start.length >= 2 && start[0] == (byte) 0x80 && start[1] >= 2 && start[1] <= 5) {
      return " but a Python pickle (save a plain numeric array as .npy)";
    }
    return start.length == 0 ? ": it is empty" : "";
  }
}
