package dev.tripoint.distance;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/**
 * All pairs, a block of rows at a time, for what never fits into memory at once: {@code
 * pml.BatchedDistance}.
 *
 * <pre>{@code
 * new BatchedDistance(new LpDistance(), (mat, start, end) -> nearest.add(mat.argmin(1, false).keep()))
 *     .forward(query, ref);
 * }</pre>
 *
 * @param distance what each block is measured by
 * @param iterFn what becomes of each block
 * @param batchSize how many rows of the query a block has; 32 by default. The last one may have
 *     fewer
 */
public record BatchedDistance(Distance distance, IterFn iterFn, int batchSize) {

  /** Takes the blocks. */
  @FunctionalInterface
  public interface IterFn {
    /**
     * One block. It is freed on return, unless it, or what was made of it, is kept.
     *
     * @param mat [end − start, M]; differentiable
     * @param start the first of its rows
     * @param end behind the last of them; where the source says start + batchSize, beyond the end
     *     too
     */
    void accept(Tensor mat, long start, long end);
  }

  /**
   * @throws IllegalArgumentException if batchSize is below 1
   */
  public BatchedDistance {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batchSize must be 1 or more, but is " + batchSize);
    }
  }

  public BatchedDistance(Distance distance, IterFn iterFn) {
    this(distance, iterFn, 32);
  }

  /** Goes through the blocks in order; there are none where the query has no rows. */
  public void forward(Tensor query, @Nullable Tensor ref) {
    Tensor others = ref == null ? query : ref;
    Rows.requireMatrices(query, others);
    long rows = query.size(0);
    for (long start = 0; start < rows; start += batchSize) {
      long end = Math.min(start + batchSize, rows);
      try (TensorScope scope = TensorScope.open()) {
        iterFn.accept(distance.matrix(query.narrow(0, start, end - start), others), start, end);
      }
    }
  }

  /** Goes through the blocks of a batch against itself. */
  public void forward(Tensor query) {
    forward(query, null);
  }
}
