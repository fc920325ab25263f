package dev.tripoint.bench.djl;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes a module without parameters in the form that LibTorch loads, a zip archive. */
final class TorchScript {
  /** The oldest format whose operators mean what they mean now. */
  private static final String VERSION = "3\n";

  /** Python's pickle, protocol 2: an object of a class whose one attribute, training, is false. */
  private static final String OBJECT =
      "\u0080\u0002c__torch__\n%s\n)\u0081}X\b\0\0\0training\u0089sb.";

  /** The empty tuple. */
  private static final String CONSTANTS = "\u0080\u0002).";

  private TorchScript() {}

  /** The archive of a class. */
  static byte[] archive(String name, String code) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new ZipOutputStream(bytes)) {
      zip.setMethod(ZipOutputStream.STORED);
      put(zip, "module/version", VERSION);
      put(zip, "module/code/__torch__.py", code);
      put(zip, "module/data.pkl", OBJECT.formatted(name));
      put(zip, "module/constants.pkl", CONSTANTS);
    }
    return bytes.toByteArray();
  }

  private static void put(ZipOutputStream zip, String name, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    var checksum = new CRC32();
    checksum.update(bytes);
    ZipEntry entry = new ZipEntry(name);
    entry.setSize(bytes.length);
    entry.setCrc(checksum.getValue());
    zip.putNextEntry(entry);
    zip.write(bytes);
    zip.closeEntry();
  }
}
