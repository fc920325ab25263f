package dev.tripoint.cli;

import dev.tripoint.data.DataException;
import dev.tripoint.data.Npy;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The files that {@code --grad-out} asks for; they appear all or none. */
final class GradientFiles {
  private final String prefix;

  /**
   * For a prefix, whose folder is looked at first, so that nothing is computed for a place that
   * cannot be written.
   */
  GradientFiles(String prefix) {
    this.prefix = prefix;
    Path folder = file("x").toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new UsageException("--grad-out %s: there is no folder %s", prefix, folder);
    }
    if (!Files.isWritable(folder)) {
      throw new UsageException("--grad-out %s: the folder %s cannot be written", prefix, folder);
    }
  }

  /**
   * Writes a gradient for each name. npy knows no bfloat16, whose values are written as float32.
   */
  void write(Map<String, Tensor> gradients) throws IOException {
    Map<Path, Path> staged = new LinkedHashMap<>();
    List<Path> placed = new ArrayList<>();
    try {
      for (Map.Entry<String, Tensor> entry : gradients.entrySet()) {
        Path target = file(entry.getKey());
        if (Files.isDirectory(target)) {
          throw new UsageException("--grad-out %s: %s is a folder", prefix, target);
        }
        Path temporary = file(entry.getKey() + ".part-" + ProcessHandle.current().pid());
        staged.put(temporary, target);
        stage(temporary, target, entry.getValue());
      }
      for (Map.Entry<Path, Path> entry : staged.entrySet()) {
        Files.move(entry.getKey(), entry.getValue(), StandardCopyOption.ATOMIC_MOVE);
        placed.add(entry.getValue());
      }
      placed.clear();
    } finally {
      for (Path path : placed) {
        Files.deleteIfExists(path);
      }
      for (Path path : staged.keySet()) {
        Files.deleteIfExists(path);
      }
    }
  }

  private void stage(Path temporary, Path target, Tensor gradient) {
    Tensor values = gradient.dtype() == DType.BFLOAT16 ? gradient.to(DType.FLOAT32) : gradient;
    try {
      Npy.write(temporary, values);
    } catch (DataException e) {
      // The user knows the file by its final name.
      String why = String.valueOf(e.getMessage());
      throw new UsageException(
          "--grad-out %s: %s", prefix, why.replace(temporary.toString(), target.toString()));
    }
  }

  private Path file(String name) {
    try {
      return Path.of(prefix + "." + name + ".npy");
    } catch (InvalidPathException e) {
      throw new UsageException("--grad-out %s: no file can have this name", prefix);
    }
  }
}
