package dev.tripoint.compat.st;

import dev.tripoint.tensor.Tensor;
import java.util.List;

/**
 * {@link MultipleNegativesRankingLoss} for large batches: the same value and gradient, with the
 * scores of {@code miniBatchSize} queries held at a time: {@code
 * st.CachedMultipleNegativesRankingLoss}. The source also runs its model in such blocks; here
 * embeddings are given.
 *
 * <p>There is no second derivative.
 *
 * @param loss what is computed
 * @param miniBatchSize how many queries a block has; 32 by default
 */
public record CachedMultipleNegativesRankingLoss(
    MultipleNegativesRankingLoss loss, long miniBatchSize) {

  /**
   * @throws IllegalArgumentException if the size is below 1
   */
  public CachedMultipleNegativesRankingLoss {
    Blocks.requireSize(miniBatchSize);
  }

  public CachedMultipleNegativesRankingLoss() {
    this(new MultipleNegativesRankingLoss());
  }

  public CachedMultipleNegativesRankingLoss(MultipleNegativesRankingLoss loss) {
    this(loss, 32);
  }

  public CachedMultipleNegativesRankingLoss withMiniBatchSize(long miniBatchSize) {
    return new CachedMultipleNegativesRankingLoss(loss, miniBatchSize);
  }

  /**
   * The loss of rows, as {@link MultipleNegativesRankingLoss#forward}.
   *
   * @param anchor queries: floats, [N, D]
   * @param positive their documents: floats of the same dtype, [N, D]
   * @param negatives further documents of each query, any number of matrices [N, D]
   * @return a single value
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor anchor, Tensor positive, Tensor... negatives) {
    Rows.require(anchor, positive, negatives);
    return Rows.scoped(() ->
        Blocks.sum(
            List.of(anchor, MultipleNegativesRankingLoss.documents(positive, negatives)),
            anchor.size(0),
            miniBatchSize,
            (inputs, begin, end) -> loss.part(inputs.get(0), inputs.get(1), begin, end)));
  }
}
