package dev.tripoint.corpus;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.ValuesIndices;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a corpus that are nearest to queries, with their cosines.
 *
 * <p>A cosine is computed from its two rows in float64, the same way for every pair, so that equal
 * rows have equal cosines.
 */
final class Candidates {
  private static final Op TOP_K = Op.of("tripoint::top_k");
  private static final Op UNIQUE_ROWS = Op.of("aten::unique_dim");

  private final Tensor corpus;

  /** For each row the first that equals it, null where equal rows are different ones. */
  private final long @Nullable [] first;

  private final @Nullable Tensor repeated;
  private final long different;

  Candidates(Tensor corpus, boolean deduplicate) {
    this.corpus = corpus;
    if (!deduplicate) {
      first = null;
      repeated = null;
      different = corpus.size(0);
      return;
    }
    first = firsts(corpus);
    boolean[] again = new boolean[first.length];
    long count = 0;
    for (int row = 0; row < again.length; row++) {
      again[row] = first[row] != row;
      count += again[row] ? 0 : 1;
    }
    repeated = Tensor.of(again, again.length);
    different = count;
  }

  private static long[] firsts(Tensor corpus) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor groups = (Tensor) UNIQUE_ROWS.call(corpus, 0, true, true, false).get(1);
      long[] group = groups.toLongArray();
      long[] earliest = new long[group.length];
      for (int row = group.length - 1; row >= 0; row--) {
        earliest[(int) group[row]] = row;
      }
      long[] found = new long[group.length];
      for (int row = 0; row < found.length; row++) {
        found[row] = earliest[(int) group[row]];
      }
      return found;
    }
  }

  /** The row that a row counts as. */
  long first(long row) {
    return first == null ? row : first[(int) row];
  }

  /**
   * The nearest rows of each query: indices and float64 cosines, [N, count] each, by falling cosine
   * and, of equal ones, by index. There are fewer columns where the corpus has no more rows.
   */
  ValuesIndices nearest(Tensor queries, long count) {
    return nearest(queries, corpus, Math.min(count, different), repeated);
  }

  /** The least cosine of a query, [1, D], with some rows; one at least. */
  double least(Tensor query, long[] rows) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor some = corpus.indexSelect(0, Tensor.of(rows, rows.length));
      return nearest(query, some, rows.length, null).values().min().item();
    }
  }

  private static ValuesIndices nearest(
      Tensor queries, Tensor corpus, long count, @Nullable Tensor skipped) {
    List<@Nullable Object> found =
        TOP_K.call(queries.to(DType.FLOAT64), corpus, count, "cosine", null, null, skipped);
    // The operator gives 1 − cos.
    return new ValuesIndices(((Tensor) found.get(0)).neg().add(1), (Tensor) found.get(1));
  }
}
