package dev.tripoint.bench;

import dev.tripoint.bench.side.Held;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;

/** The bare matrix products that cases are held against; every output was made before. */
final class Products {
  private static final Op MM = Op.of("aten::mm.out");
  private static final int CORPUS_CHUNK = 4096;

  private Products() {}

  /** X · Yᵀ. */
  static Held product(Tensor x, Tensor y) {
    Tensor columns = y.t();
    Tensor out = Torch.empty(x.size(0), y.size(0));
    return held("mm_out", () -> MM.call(x, columns, out));
  }

  /** S = X · Yᵀ, then its gradients S · Y and Sᵀ · X, as though S were what came back. */
  static Held forwardAndBackward(Tensor x, Tensor y) {
    Tensor columns = y.t();
    Tensor out = Torch.empty(x.size(0), y.size(0));
    Tensor outColumns = out.t();
    Tensor ofX = Torch.emptyLike(x);
    Tensor ofY = Torch.emptyLike(y);
    return held(
        "mm_forward_backward",
        () -> {
          MM.call(x, columns, out);
          MM.call(out, y, ofX);
          MM.call(outColumns, x, ofY);
        });
  }

  /** Queries against a corpus, some rows of it at a time, into one buffer. */
  static Held chunked(Tensor queries, Tensor corpus) {
    long rows = corpus.size(0);
    Tensor out = Torch.empty(CORPUS_CHUNK * queries.size(0));
    return held(
        "mm_out_chunked",
        () -> {
          for (long from = 0; from < rows; from += CORPUS_CHUNK) {
            long count = Math.min(CORPUS_CHUNK, rows - from);
            Tensor scores = out.narrow(0, 0, queries.size(0) * count).view(queries.size(0), count);
            MM.call(queries, corpus.narrow(0, from, count).t(), scores);
          }
        });
  }

  private static Held held(String name, Runnable products) {
    return new Held(
        name,
        () -> {
          try (TensorScope _ = TensorScope.open()) {
            products.run();
          }
          return 0;
        });
  }
}
