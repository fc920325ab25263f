package dev.tripoint.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;

/** Writes and reads npy files by the format's description alone, apart from the code under test. */
final class NpyFile {
  private NpyFile() {}

  static String write(Path file, String descr, int[] shape, double... values) {
    int bytes = descr.charAt(2) - '0';
    ByteBuffer data = ByteBuffer.allocate(values.length * bytes).order(order(descr));
    for (double value : values) {
      switch (descr.substring(1)) {
        case "f4" -> data.putFloat((float) value);
        case "f8" -> data.putDouble(value);
        case "f2" -> data.putShort(Float.floatToFloat16((float) value));
        case "i8", "u8" -> data.putLong((long) value);
        case "i4", "u4" -> data.putInt((int) value);
        case "i2", "u2" -> data.putShort((short) value);
        default -> data.put((byte) value);
      }
    }
    return writeBytes(file, header(descr, false, shape), data.array());
  }

  static byte[] header(String descr, boolean fortran, int... shape) {
    String sizes =
        Arrays.stream(shape).mapToObj(n -> n + ",").collect(Collectors.joining(" ", "(", ")"));
    String text =
        "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }"
            .formatted(descr, fortran ? "True" : "False", sizes);
    int length = (10 + text.length() + 64) / 64 * 64 - 10;
    ByteBuffer header = ByteBuffer.allocate(10 + length).order(ByteOrder.LITTLE_ENDIAN);
    header.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0}).putShort((short) length);
    header.put(text.getBytes(StandardCharsets.US_ASCII));
    while (header.position() < 10 + length - 1) {
      header.put((byte) ' ');
    }
    return header.put((byte) '\n').array();
  }

  static String writeBytes(Path file, byte[] header, byte[] data) {
    byte[] all = Arrays.copyOf(header, header.length + data.length);
    System.arraycopy(data, 0, all, header.length, data.length);
    try {
      Files.write(file, all);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return file.toString();
  }

  /** The type, shape and numbers of a little-endian C-order file. */
  record Content(String descr, String shape, double[] values) {}

  static Content read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int length = bytes.getShort(8) & 0xffff;
    String header = new String(bytes.array(), 10, length, StandardCharsets.US_ASCII);
    String descr = header.replaceAll("(?s).*'descr': '([^']*)'.*", "$1");
    String shape = header.replaceAll("(?s).*'shape': (\\([^)]*\\)).*", "$1");
    if (!header.contains("'fortran_order': False")) {
      throw new IOException("not in C order");
    }
    bytes.position(10 + length);
    double[] values = new double[bytes.remaining() / (descr.charAt(2) - '0')];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (descr) {
            case "<f2" -> Float.float16ToFloat(bytes.getShort());
            case "<f4" -> bytes.getFloat();
            case "<f8" -> bytes.getDouble();
            default -> throw new IOException("unexpected type " + Objects.toString(descr));
          };
    }
    return new Content(descr, shape, values);
  }

  private static ByteOrder order(String descr) {
    return descr.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
  }
}
