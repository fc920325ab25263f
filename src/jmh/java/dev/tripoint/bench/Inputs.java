package dev.tripoint.bench;

import dev.tripoint.bench.side.Cell;
import dev.tripoint.data.Npy;
import dev.tripoint.tensor.Tensor;
import java.nio.file.Path;

/**
 * The arrays of one set of data, as {@link BenchmarkData} wrote them; what they give belongs to the
 * open scope and is in memory of its own, not mapped from the file.
 */
record Inputs(Path folder, Cell cell) {

  /** [N, D]. */
  Tensor embeddings() {
    return read("embeddings");
  }

  /** [N]. */
  Tensor labels() {
    return read("labels");
  }

  /** [N, D]: for each row another of its class. */
  Tensor positives() {
    return read("positives");
  }

  /** [1024, D]: drawn as the embeddings were. */
  Tensor queries() {
    return read("queries");
  }

  private Tensor read(String what) {
    String set = "%s-%d-%d".formatted(cell.data(), cell.rows(), cell.width());
    try (Tensor mapped = Npy.read(folder.resolve(set + "-" + what + ".npy"))) {
      return mapped.detach().copy();
    }
  }
}
