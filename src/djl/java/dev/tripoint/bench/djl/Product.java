package dev.tripoint.bench.djl;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import dev.tripoint.bench.side.Held;
import dev.tripoint.bench.side.Work;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The bare matrix products that cases are held against, into outputs that were made before. DJL's
 * own product makes a new output each time, so LibTorch's is called by a module in TorchScript, and
 * the module repeats it, since the call of a module takes some 0.1 ms.
 */
final class Product implements AutoCloseable {
  private static final int CORPUS_CHUNK = 4096;

  private static final String CODE =
      """
      class Product(Module):
        __parameters__ = []
        __buffers__ = []
        training : bool
        def forward(self: __torch__.Product,
          x: Tensor,
          y: Tensor,
          out: Tensor,
          times: Tensor) -> Tensor:
          for _ in range(int(times)):
            torch.mm(x, y, out=out)
          return out
      """;

  private final Model model;

  Product(Engine engine) throws IOException {
    model = engine.newModel("Product", Device.cpu());
    try {
      model.load(new ByteArrayInputStream(TorchScript.archive("Product", CODE)));
    } catch (MalformedModelException e) {
      throw new IllegalStateException(e);
    }
    check(engine);
  }

  /** Throws unless the module multiplies, so that nothing is held against what does nothing. */
  private void check(Engine engine) {
    try (NDManager manager = engine.newBaseManager(Device.cpu())) {
      NDArray x = Check.matrix(manager, Check.rows(0));
      NDArray columns = x.transpose();
      NDArray out = manager.zeros(new Shape(x.getShape().get(0), x.getShape().get(0)));
      new Products(manager).with(x, columns, out).repeat(2);
      if (!out.allClose(x.matMul(columns))) {
        throw new IllegalStateException("DJL's LibTorch does not run a module as it should");
      }
    }
  }

  /** X · Xᵀ. */
  Held square(NDArray x) {
    long rows = x.getShape().get(0);
    NDManager manager = x.getManager();
    return new Held(
        "mm_out",
        new Products(manager).with(x, x.transpose(), manager.zeros(new Shape(rows, rows))));
  }

  /** S = X · Yᵀ, then its gradients S · Y and Sᵀ · X, as though S were what came back. */
  Held forwardAndBackward(NDArray x, NDArray y) {
    NDManager manager = x.getManager();
    NDArray out = manager.zeros(new Shape(x.getShape().get(0), y.getShape().get(0)));
    return new Held(
        "mm_forward_backward",
        new Products(manager)
            .with(x, y.transpose(), out)
            .with(out, y, x.zerosLike())
            .with(out.transpose(), x, y.zerosLike()));
  }

  /** Queries against a corpus, some rows of it at a time, into one buffer. */
  Held chunked(NDArray queries, NDArray corpus) {
    NDManager manager = queries.getManager();
    long count = queries.getShape().get(0);
    long rows = corpus.getShape().get(0);
    NDArray out = manager.zeros(new Shape(CORPUS_CHUNK * count));
    Products products = new Products(manager);
    for (long from = 0; from < rows; from += CORPUS_CHUNK) {
      long to = Math.min(from + CORPUS_CHUNK, rows);
      NDArray scores = out.get("0:{}", count * (to - from)).reshape(count, to - from);
      products.with(queries, corpus.get("{}:{}", from, to).transpose(), scores);
    }
    return new Held("mm_out_chunked", products);
  }

  @Override
  public void close() {
    model.close();
  }

  /** Some products, one after the other. */
  private final class Products implements Work {
    private final List<NDList> inputs = new ArrayList<>();
    private final NDManager manager;
    private final ParameterStore none;

    Products(NDManager manager) {
      this.manager = manager;
      none = new ParameterStore(manager, false);
    }

    Products with(NDArray x, NDArray y, NDArray out) {
      inputs.add(new NDList(x, y, out));
      return this;
    }

    @Override
    public long call() {
      repeat(1);
      return 0;
    }

    @Override
    public void repeat(int times) {
      Block block = model.getBlock();
      boolean alone = inputs.size() == 1;
      try (NDManager call = manager.newSubManager()) {
        NDArray inside = call.create(alone ? (long) times : 1);
        for (int i = 0; i < (alone ? 1 : times); i++) {
          for (NDList each : inputs) {
            NDList all = new NDList(each);
            all.add(inside);
            block.forward(none, all, false).close();
          }
        }
      }
    }
  }
}
