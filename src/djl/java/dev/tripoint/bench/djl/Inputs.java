package dev.tripoint.bench.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tripoint.bench.side.Cell;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The arrays of one set of data; what they give belongs to the manager. */
record Inputs(NDManager manager, Path folder, Cell cell) {

  /** [N, D] for {@code embeddings} and {@code positives}, [N] for labels, [1024, D] for queries. */
  NDArray read(String what) {
    String set = "%s-%d-%d".formatted(cell.data(), cell.rows(), cell.width());
    try (InputStream file = Files.newInputStream(folder.resolve(set + "-" + what + ".npy"))) {
      return NDList.decode(manager, file).singletonOrThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
