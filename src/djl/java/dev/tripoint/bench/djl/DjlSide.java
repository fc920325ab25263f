package dev.tripoint.bench.djl;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import dev.tripoint.bench.side.Cell;
import dev.tripoint.bench.side.Prepared;
import dev.tripoint.bench.side.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/** DJL's side of {@code scripts/benchmark}. Arguments: the folder of the data, the rounds. */
final class DjlSide {
  private DjlSide() {}

  public static void main(String[] arguments) {
    try {
      serve(arguments);
    } catch (IOException | RuntimeException | LinkageError e) {
      Throwable reason = e;
      while (reason.getCause() != null) {
        reason = reason.getCause();
      }
      System.err.println(reason);
      System.exit(1);
    }
  }

  private static void serve(String[] arguments) throws IOException {
    Path data = Path.of(arguments[0]);
    Engine engine = Engine.getEngine("PyTorch");
    try (NDManager manager = engine.newBaseManager(Device.cpu());
        Product product = new Product(engine)) {
      Worker.serve(
          Map.of("version", Engine.getDjlVersion() + " on LibTorch " + engine.getVersion()),
          (cell, measure) -> prepare(manager, product, data, cell, measure),
          Integer.parseInt(arguments[1]));
    }
  }

  private static void prepare(
      NDManager manager, Product product, Path data, Cell cell, Consumer<Prepared> measure) {
    Case found = Cases.of(cell.name());
    try (NDManager small = manager.newSubManager()) {
      found.check(small);
    }
    try (NDManager own = manager.newSubManager()) {
      measure.accept(found.prepare(new Inputs(own, data, cell), product));
    }
  }
}
