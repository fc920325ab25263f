package dev.tripoint.corpus;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import dev.tripoint.tensor.ValuesIndices;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a corpus that are nearest to queries, with their cosines.
 *
 * <p>A product of matrices, block by block, only nominates. The cosine of a nominated pair is then
 * computed from its two rows in float64, the same way for every pair, so that equal rows have equal
 * cosines and neither blocks nor threads decide anything. More rows are nominated than asked for,
 * and more again until rounding of the product cannot have kept one out.
 */
final class Candidates {
  private static final long CORPUS_BLOCK = 16_384;
  private static final long MORE = 16;
  private static final long ELEMENTS = 1 << 22;
  private static final double SMALLEST_NORM = 1e-12;
  private static final Op STABLE_SORT = Op.of("aten::sort.stable");
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
    long wanted = Math.min(count, different);
    // The product is off by (D + a few) units in the last place at most, and the cosines by as
    // much.
    DType dtype = working(queries.dtype());
    double unit = dtype == DType.FLOAT64 ? 0x1p-53 : 0x1p-24;
    double bound = 4 * (queries.size(1) + 8) * unit;
    for (long nominated = Math.min(wanted + MORE, different); ; nominated *= 2) {
      long number = Math.min(nominated, different);
      try (TensorScope scope = TensorScope.open()) {
        ValuesIndices nominees = nominate(normalised(queries.to(dtype)), number);
        ValuesIndices best = ordered(nominees.indices(), cosines(queries, nominees.indices()));
        boolean enough = number == different;
        if (!enough && wanted > 0) {
          Tensor last = nominees.values().select(1, number - 1).to(DType.FLOAT64);
          Tensor least = best.values().select(1, wanted - 1);
          enough = last.lt(least.sub(bound)).all().itemBoolean();
        }
        if (enough || wanted == 0) {
          return new ValuesIndices(
              scope.keep(best.values().narrow(1, 0, wanted)),
              scope.keep(best.indices().narrow(1, 0, wanted)));
        }
      }
    }
  }

  private static DType working(DType dtype) {
    return dtype == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
  }

  private ValuesIndices nominate(Tensor directions, long count) {
    long rows = corpus.size(0);
    Tensor values = Torch.zeros(directions.dtype(), directions.size(0), 0);
    Tensor indices = Torch.zeros(DType.INT64, directions.size(0), 0);
    for (long from = 0; from < rows; from += CORPUS_BLOCK) {
      try (TensorScope scope = TensorScope.open()) {
        long size = Math.min(CORPUS_BLOCK, rows - from);
        Tensor block = normalised(corpus.narrow(0, from, size).to(directions.dtype()));
        Tensor scores = directions.mm(block.t());
        if (repeated != null) {
          scores = scores.maskedFill(repeated.narrow(0, from, size), Double.NEGATIVE_INFINITY);
        }
        ValuesIndices here = scores.topk(Math.min(count, size), 1, true, true);
        Tensor bothValues = Torch.cat(List.of(values, here.values()), 1);
        Tensor bothIndices = Torch.cat(List.of(indices, here.indices().add(from)), 1);
        ValuesIndices kept = bothValues.topk(Math.min(count, bothValues.size(1)), 1, true, true);
        Tensor before = values;
        Tensor beforeIndices = indices;
        values = scope.keep(kept.values());
        indices = scope.keep(bothIndices.gather(1, kept.indices()));
        before.close();
        beforeIndices.close();
      }
    }
    return new ValuesIndices(values, indices);
  }

  /** The cosines of queries with some rows each, in float64: [N, K] for indices [N, K]. */
  Tensor cosines(Tensor queries, Tensor indices) {
    long count = indices.size(1);
    long width = queries.size(1);
    long some = Math.max(1, ELEMENTS / Math.max(1, count * width));
    List<Tensor> parts = new ArrayList<>();
    for (long from = 0; from < queries.size(0); from += some) {
      try (TensorScope scope = TensorScope.open()) {
        long size = Math.min(some, queries.size(0) - from);
        Tensor of = indices.narrow(0, from, size).reshape(-1);
        Tensor rows = normalised(corpus.indexSelect(0, of).to(DType.FLOAT64));
        Tensor query = normalised(queries.narrow(0, from, size).to(DType.FLOAT64));
        parts.add(scope.keep(rows.reshape(size, count, width).mul(query.unsqueeze(1)).sum(2)));
      }
    }
    return Torch.cat(parts, 0);
  }

  private static ValuesIndices ordered(Tensor indices, Tensor cosines) {
    ValuesIndices byIndex = indices.sort(1, false);
    Tensor values = cosines.gather(1, byIndex.indices());
    Tensor order = (Tensor) STABLE_SORT.call(values, true, 1, true).get(1);
    return new ValuesIndices(values.gather(1, order), byIndex.values().gather(1, order));
  }

  private static Tensor normalised(Tensor rows) {
    return rows.div(rows.norm(2, 1, true).clampMin(SMALLEST_NORM));
  }
}
