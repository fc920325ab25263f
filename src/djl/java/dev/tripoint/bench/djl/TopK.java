package dev.tripoint.bench.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.tripoint.bench.side.Prepared;
import dev.tripoint.bench.side.Work;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** The rows of a corpus most similar to each query by cosine: fifty negatives and one positive. */
record TopK() implements Case {
  private static final int FOUND = 51;
  private static final long CHUNK = 20_000;

  @Override
  public void check(NDManager manager) {
    int few = 4;
    double[][] queries = Check.rows(0);
    double[][] corpus = Check.rows(1);
    double[][] values = new double[queries.length][];
    double[][] rows = new double[queries.length][];
    for (int i = 0; i < queries.length; i++) {
      double[] query = queries[i];
      double[] all = Arrays.stream(corpus).mapToDouble(row -> Plain.cosine(query, row)).toArray();
      int[] best =
          IntStream.range(0, all.length)
              .boxed()
              .sorted(Comparator.comparingDouble(j -> -all[j]))
              .limit(few)
              .mapToInt(j -> j)
              .toArray();
      values[i] = Arrays.stream(best).mapToDouble(j -> all[j]).toArray();
      rows[i] = Arrays.stream(best).asDoubleStream().toArray();
    }
    NDArray x = Check.matrix(manager, queries);
    NDList found = find(x, Check.matrix(manager, corpus), few, corpus.length / 2 - 1);
    Check.same("top_k's values", found.get(0), values);
    Check.same("top_k's rows", found.get(1), rows);
  }

  @Override
  public Prepared prepare(Inputs data, Product product) {
    NDArray queries = data.read("queries");
    NDArray corpus = data.read("embeddings");
    Work work =
        () -> {
          try (NDManager call = data.manager().newSubManager()) {
            NDList found =
                find(LossCase.share(call, queries), LossCase.share(call, corpus), FOUND, CHUNK);
            return found.stream().mapToLong(a -> a.size() * a.getDataType().getNumOfBytes()).sum();
          }
        };
    return new Prepared(work, product.chunked(queries, corpus));
  }

  /** Values and rows, the best first. */
  private static NDList find(NDArray queries, NDArray corpus, int count, long chunk) {
    NDArray units = queries.normalize(2, 1);
    NDList values = new NDList();
    NDList rows = new NDList();
    long last = corpus.getShape().get(0);
    for (long from = 0; from < last; from += chunk) {
      long to = Math.min(from + chunk, last);
      try (NDArray part = corpus.get("{}:{}", from, to).normalize(2, 1);
          NDArray columns = part.transpose();
          NDArray scores = units.matMul(columns)) {
        NDList best = scores.topK((int) Math.min(count, to - from), 1);
        values.add(best.get(0));
        rows.add(best.get(1).addi(from));
      }
    }
    NDList best = NDArrays.concat(values, 1).topK(count, 1);
    return new NDList(best.get(0), NDArrays.concat(rows, 1).gather(best.get(1), 1));
  }
}
