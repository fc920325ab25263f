package dev.tripoint.data;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A folder that appears whole or not at all. Files are written into {@link #path()}, a hidden
 * folder beside the target; {@link #commit()} renames it into place.
 *
 * <p>A target that is there is replaced only if it is empty or holds nothing but the files that
 * such a folder has. Its replacement takes two renames; whatever a killed process left between
 * them, {@link #open} puts right at the next start, and it removes what killed processes left half
 * written. One folder per target at a time in one process; two processes with one target each write
 * a whole folder, and the later one stays.
 */
public final class AtomicFolder implements AutoCloseable {
  private final Path target;
  private final Path temporary;
  private final Set<String> files;
  private final Thread cleaner;
  private boolean closed;

  private AtomicFolder(Path target, Path temporary, Set<String> files) {
    this.target = target;
    this.temporary = temporary;
    this.files = files;
    this.cleaner = new Thread(() -> deleteQuietly(temporary), "tripoint-remove-half-written");
    Runtime.getRuntime().addShutdownHook(cleaner);
  }

  /**
   * Prepares to write {@code target}: puts right what a killed process left, refuses a target that
   * is not to be replaced, and makes the hidden folder, so that an unwritable place shows now
   * rather than at the end.
   *
   * @param files names of all files that such a folder may hold; a target with any other entry is
   *     refused
   * @param marker the one of them that a target must have to be taken for an earlier one of its
   *     kind
   * @throws DataException if the target is a file, holds something else, or cannot be written
   */
  public static AtomicFolder open(Path target, Set<String> files, String marker) {
    Path absolute = target.toAbsolutePath().normalize();
    Path parent = absolute.getParent();
    if (parent == null) {
      throw new DataException(
          target + ": is the root folder, expected a folder of its own to write.");
    }
    try {
      Files.createDirectories(parent);
      recover(absolute);
      checkReplaceable(target, absolute, files, marker);
      Path temporary = parent.resolve(prefix(absolute) + "new-" + ProcessHandle.current().pid());
      delete(temporary);
      Files.createDirectory(temporary);
      return new AtomicFolder(absolute, temporary, Set.copyOf(files));
    } catch (IOException e) {
      throw cannotWrite(target, e);
    }
  }

  /** The folder to write into. */
  public Path path() {
    return temporary;
  }

  /**
   * Puts the folder in its place.
   *
   * @throws DataException if the target has meanwhile become something that is not to be replaced,
   *     or the rename fails
   */
  public void commit() {
    try {
      try (Stream<Path> written = Files.list(temporary)) {
        List<String> unknown =
            written.map(p -> p.getFileName().toString()).filter(n -> !files.contains(n)).toList();
        if (!unknown.isEmpty()) {
          throw new IllegalStateException("not among the folder's files: " + unknown);
        }
      }
      AtomicFile.sync(temporary);
      Path old = target.resolveSibling(prefix(target) + "old-" + ProcessHandle.current().pid());
      delete(old);
      boolean replacing = Files.exists(target) && !isEmpty(target);
      if (replacing) {
        Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
      }
      try {
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        if (replacing) {
          Files.move(old, target, StandardCopyOption.ATOMIC_MOVE);
        }
        throw e;
      }
      AtomicFile.sync(target.getParent());
      delete(old);
    } catch (IOException e) {
      throw cannotWrite(target, e);
    }
  }

  /** Removes what was written and not committed. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    deleteQuietly(temporary);
    try {
      Runtime.getRuntime().removeShutdownHook(cleaner);
    } catch (IllegalStateException e) {
      // The process is ending: the hook runs anyway.
    }
  }

  private static String prefix(Path target) {
    return "." + target.getFileName() + ".tripoint-";
  }

  /**
   * Puts back an old folder that was moved away with no new one in its place, and removes other
   * leftovers.
   */
  private static void recover(Path target) throws IOException {
    List<Path> leftovers;
    String prefix = prefix(target);
    try (Stream<Path> entries = Files.list(target.getParent())) {
      leftovers =
          entries
              .filter(p -> p.getFileName().toString().startsWith(prefix))
              .filter(p -> !ownerLives(p))
              .sorted()
              .toList();
    }
    for (Path leftover : leftovers) {
      boolean old = leftover.getFileName().toString().startsWith(prefix + "old-");
      if (old && Files.notExists(target)) {
        Files.move(leftover, target, StandardCopyOption.ATOMIC_MOVE);
      } else {
        delete(leftover);
      }
    }
  }

  private static boolean ownerLives(Path leftover) {
    String name = leftover.getFileName().toString();
    try {
      long pid = Long.parseLong(name.substring(name.lastIndexOf('-') + 1));
      return pid != ProcessHandle.current().pid()
          && ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    } catch (NumberFormatException e) {
      return true;
    }
  }

  private static void checkReplaceable(Path shown, Path target, Set<String> files, String marker)
      throws IOException {
    if (Files.notExists(target)) {
      return;
    }
    if (!Files.isDirectory(target)) {
      throw new DataException(shown + ": is a file, expected a folder to write.");
    }
    boolean marked = false;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(target)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (!files.contains(name) || !Files.isRegularFile(entry)) {
          throw new DataException(
              shown
                  + ": holds '"
                  + name
                  + "', which no earlier run wrote; name another folder or an empty one.");
        }
        marked |= name.equals(marker);
      }
    }
    if (!marked && !isEmpty(target)) {
      throw new DataException(
          shown
              + ": is not the folder of an earlier run (no "
              + marker
              + "); name another folder or an empty one.");
    }
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.findAny().isEmpty();
    }
  }

  private static void delete(Path folder) throws IOException {
    if (Files.notExists(folder)) {
      return;
    }
    try (Stream<Path> entries = Files.walk(folder)) {
      for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(entry);
      }
    }
  }

  private static void deleteQuietly(Path folder) {
    try {
      delete(folder);
    } catch (IOException e) {
      // The next start with the same target removes it.
    }
  }

  private static DataException cannotWrite(Path target, IOException e) {
    String why =
        switch (e) {
          case AccessDeniedException a -> "no permission for " + a.getFile();
          case NotDirectoryException n -> n.getFile() + " is no folder";
          case java.nio.file.FileAlreadyExistsException f -> f.getFile() + " is a file";
          default -> e.getMessage();
        };
    return new DataException(target + ": cannot be written (" + why + ").", e);
  }
}
