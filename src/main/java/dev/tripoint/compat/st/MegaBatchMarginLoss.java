package dev.tripoint.compat.st;

import dev.tripoint.miner.Inputs;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.List;

/**
 * Each pair must be more similar than one margin, and its anchor less similar than another to the
 * nearest of the other positives: the mean of max(0, positiveMargin − s_ii) + max(0, max_j≠i s_ij −
 * negativeMargin) with cosines s: {@code st.MegaBatchMarginLoss}. A single row has no other
 * positive, and only the first term counts.
 *
 * @param positiveMargin 0.8 by default
 * @param negativeMargin 0.3 by default
 * @param useMiniBatchedVersion the same value and gradient with {@code miniBatchSize} rows of
 *     cosines held at a time, and then no second derivative; true by default
 * @param miniBatchSize 50 by default
 */
public record MegaBatchMarginLoss(
    double positiveMargin,
    double negativeMargin,
    boolean useMiniBatchedVersion,
    long miniBatchSize) {

  /**
   * @throws IllegalArgumentException if a margin is not a number or the size is below 1
   */
  public MegaBatchMarginLoss {
    Inputs.requireNumber("positive_margin", positiveMargin);
    Inputs.requireNumber("negative_margin", negativeMargin);
    Blocks.requireSize(miniBatchSize);
  }

  public MegaBatchMarginLoss() {
    this(0.8, 0.3);
  }

  public MegaBatchMarginLoss(double positiveMargin, double negativeMargin) {
    this(positiveMargin, negativeMargin, true, 50);
  }

  public MegaBatchMarginLoss withMiniBatchSize(long miniBatchSize) {
    return new MegaBatchMarginLoss(positiveMargin, negativeMargin, true, miniBatchSize);
  }

  /** With all cosines at once. */
  public MegaBatchMarginLoss withoutMiniBatches() {
    return new MegaBatchMarginLoss(positiveMargin, negativeMargin, false, miniBatchSize);
  }

  /**
   * The loss of pairs.
   *
   * @param anchor floats, [N, D]
   * @param positive floats of the same dtype, [N, D]
   * @return a single value
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor anchor, Tensor positive) {
    Rows.require(anchor, positive);
    long rows = anchor.size(0);
    return Rows.scoped(() ->
        useMiniBatchedVersion
            ? Blocks.sum(
                List.of(anchor, positive),
                rows,
                miniBatchSize,
                (inputs, begin, end) -> part(inputs.get(0), inputs.get(1), begin, end))
            : part(anchor, positive, 0, rows));
  }

  private Tensor part(Tensor anchor, Tensor positive, long begin, long end) {
    Tensor cosines =
        SimilarityFunction.COSINE.matrix(anchor.narrow(0, begin, end - begin), positive);
    Tensor places = Torch.arange(anchor.size(0));
    Tensor own = places.narrow(0, begin, end - begin).unsqueeze(1);
    Tensor near = cosines.gather(1, own).squeeze(1);
    Tensor nearest =
        cosines
            .maskedFill(own.eq(places.unsqueeze(0)), Double.NEGATIVE_INFINITY)
            .max(1, false)
            .values();
    return near.rsub(positiveMargin)
        .relu()
        .add(nearest.sub(negativeMargin).relu())
        .sum()
        .div((double) anchor.size(0));
  }
}
