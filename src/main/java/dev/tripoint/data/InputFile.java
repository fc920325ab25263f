package dev.tripoint.data;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Opening and reading a file that a person named, with failures that name it. */
final class InputFile {
  private InputFile() {}

  /** Opens for reading. */
  static FileChannel open(Path file) {
    if (Files.isDirectory(file)) {
      throw new DataException(file + ": is a folder, expected a file.");
    }
    try {
      return FileChannel.open(file, StandardOpenOption.READ);
    } catch (IOException e) {
      throw cannotRead(file, e);
    }
  }

  /** {@code length} bytes from {@code from}, little-endian. */
  static ByteBuffer read(FileChannel channel, long from, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, from + bytes.position()) < 0) {
        throw new EOFException("it ends at byte " + (from + bytes.position()));
      }
    }
    return bytes.flip();
  }

  static DataException cannotRead(Path file, IOException e) {
    String why =
        switch (e) {
          case NoSuchFileException _ -> "no such file";
          case AccessDeniedException _ -> "no permission to read it";
          default -> "cannot be read (" + e.getMessage() + ")";
        };
    return new DataException(file + ": " + why + ".", e);
  }
}
