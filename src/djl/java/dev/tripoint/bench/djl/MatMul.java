package dev.tripoint.bench.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.tripoint.bench.side.Prepared;

/** DJL's own product, into a new output. */
record MatMul() implements Case {
  @Override
  public void check(NDManager manager) {
    double[][] rows = Check.rows(0);
    double[][] expected = new double[rows.length][rows.length];
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows.length; j++) {
        expected[i][j] = Plain.product(rows[i], rows[j]);
      }
    }
    NDArray x = Check.matrix(manager, rows);
    Check.same("matMul", x.matMul(x.transpose()), expected);
  }

  @Override
  public Prepared prepare(Inputs data, Product product) {
    NDArray x = data.read("embeddings");
    NDArray columns = x.transpose();
    return new Prepared(
        () -> {
          try (NDArray made = x.matMul(columns)) {
            return made.size() * Float.BYTES;
          }
        },
        product.square(x));
  }
}
