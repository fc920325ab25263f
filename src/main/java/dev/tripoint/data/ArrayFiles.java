package dev.tripoint.data;

import dev.tripoint.tensor.Tensor;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Arrays as the command line names them: {@code F.npy}, or {@code F.safetensors:NAME}. */
public final class ArrayFiles {
  private static final String SAFETENSORS = ".safetensors";

  private ArrayFiles() {}

  /**
   * Reads the array that {@code name} names; see {@link Npy#read} and {@link Safetensors#read}.
   *
   * @throws DataException if there is no such array
   */
  public static Tensor read(String name) {
    try {
      int at = name.lastIndexOf(SAFETENSORS + ":");
      if (at >= 0) {
        int colon = at + SAFETENSORS.length();
        return Safetensors.read(Path.of(name.substring(0, colon)), name.substring(colon + 1));
      }
      Path file = Path.of(name);
      if (name.endsWith(SAFETENSORS)) {
        String example = Safetensors.names(file).stream().findFirst().orElse("NAME");
        throw new DataException(
            "%s: say which array, as in %s:%s.".formatted(name, file.getFileName(), example));
      }
      return Npy.read(file);
    } catch (InvalidPathException e) {
      throw new DataException("'" + name + "': no file can have this name.", e);
    }
  }
}
