package dev.tripoint.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Files that appear whole or not at all: written beside their place, flushed to the disk, then
 * renamed into it.
 */
public final class AtomicFile {
  private AtomicFile() {}

  /** Writes a file's bytes. */
  @FunctionalInterface
  public interface Content {
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Writes {@code file}, replacing one that is there. On any failure the old file stays and nothing
   * else is left behind.
   *
   * @throws DataException if the folder is missing or not writable, or the disk is full
   */
  public static void write(Path file, Content content) {
    Path target = file.toAbsolutePath();
    if (Files.isDirectory(target)) {
      throw new DataException(file + ": is a folder, expected the name of a file to write.");
    }
    Path temporary =
        target.resolveSibling(
            "."
                + target.getFileName()
                + "."
                + Long.toHexString(ThreadLocalRandom.current().nextLong()));
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        content.writeTo(channel);
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      sync(target.getParent());
    } catch (IOException e) {
      throw cannotWrite(file, e);
    } finally {
      try {
        Files.deleteIfExists(temporary);
      } catch (IOException e) {
        // The failure that left it is on its way already.
      }
    }
  }

  /** The same for text, in UTF-8. */
  public static void write(Path file, String text) {
    write(
        file, channel -> writeAll(channel, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
  }

  static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** Makes a rename in {@code folder} outlast a power cut, where the system can. */
  static void sync(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Some file systems cannot flush a folder; the rename is still atomic.
    }
  }

  static DataException cannotWrite(Path file, IOException e) {
    String why =
        switch (e) {
          case NoSuchFileException _ ->
              "cannot be written: no folder " + file.toAbsolutePath().getParent();
          case AccessDeniedException _ ->
              "cannot be written: no permission in " + file.toAbsolutePath().getParent();
          case FileSystemException f when f.getReason() != null ->
              "cannot be written (" + f.getReason() + ")";
          default -> "cannot be written (" + e.getMessage() + ")";
        };
    return new DataException(file + ": " + why + ".", e);
  }
}
