package dev.tripoint.bench;

import dev.tripoint.bench.side.Cell;
import dev.tripoint.bench.side.Prepared;
import dev.tripoint.bench.side.Worker;
import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/**
 * This library's side of {@code scripts/benchmark} on Java. Arguments: the folder of the data, the
 * rounds, the threads.
 */
final class JavaSide {
  private JavaSide() {}

  public static void main(String[] arguments) throws IOException {
    Path data = Path.of(arguments[0]);
    LibTorch.setNumThreads(Integer.parseInt(arguments[2]));
    Worker.serve(
        about(LibTorch.info()),
        (cell, measure) -> prepare(data, cell, measure),
        Integer.parseInt(arguments[1]));
  }

  private static Map<String, ?> about(LibTorch.Info info) {
    return Map.of(
        "libtorch", info.version(),
        "directory", info.directory().toString(),
        "jdk", Runtime.version().toString(),
        "capability", info.cpuCapability(),
        "threads", info.threads());
  }

  private static void prepare(Path data, Cell cell, Consumer<Prepared> measure) {
    try (TensorScope _ = TensorScope.open()) {
      measure.accept(Case.of(cell.name()).prepare(new Inputs(data, cell)));
    }
  }
}
