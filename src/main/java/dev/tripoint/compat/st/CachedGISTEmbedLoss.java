package dev.tripoint.compat.st;

import dev.tripoint.tensor.Tensor;
import java.util.List;

/**
 * {@link GISTEmbedLoss} for large batches: the same value and gradient, with the cosines of {@code
 * miniBatchSize} anchors held at a time: {@code st.CachedGISTEmbedLoss}. There is no second
 * derivative.
 *
 * @param loss what is computed
 * @param miniBatchSize how many anchors a block has; 32 by default
 */
public record CachedGISTEmbedLoss(GISTEmbedLoss loss, long miniBatchSize) {

  /**
   * @throws IllegalArgumentException if the size is below 1
   */
  public CachedGISTEmbedLoss {
    Blocks.requireSize(miniBatchSize);
  }

  public CachedGISTEmbedLoss() {
    this(new GISTEmbedLoss());
  }

  public CachedGISTEmbedLoss(GISTEmbedLoss loss) {
    this(loss, 32);
  }

  public CachedGISTEmbedLoss withMiniBatchSize(long miniBatchSize) {
    return new CachedGISTEmbedLoss(loss, miniBatchSize);
  }

  /** The loss of rows, as {@link GISTEmbedLoss#forward}. */
  public Tensor forward(List<Tensor> embeddings, List<Tensor> guide) {
    GISTEmbedLoss.require(embeddings, guide);
    return Rows.scoped(() ->
        Blocks.sum(
            embeddings,
            embeddings.getFirst().size(0),
            miniBatchSize,
            (inputs, begin, end) -> loss.part(inputs, guide, begin, end)));
  }
}
