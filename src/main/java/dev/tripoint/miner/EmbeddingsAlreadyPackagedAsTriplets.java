package dev.tripoint.miner;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;

/**
 * For batches in which anchor, positive and negative follow one another, row after row: their
 * triplets (0, 1, 2), (3, 4, 5), …, whatever the labels say: {@code
 * pml.EmbeddingsAlreadyPackagedAsTriplets}. Positives and negatives index the references where
 * there are any, as everywhere.
 */
public record EmbeddingsAlreadyPackagedAsTriplets() implements Miner {

  /**
   * @throws IllegalArgumentException if the number of rows is no multiple of 3, or there are fewer
   *     references
   */
  @Override
  public Triplets mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    long rows = embeddings.size(0);
    if (rows % 3 != 0) {
      throw new IllegalArgumentException(
          "embeddings must have three rows for each triplet, but have " + rows);
    }
    if (refEmb.size(0) < rows) {
      throw new IllegalArgumentException(
          "refEmb must have as many rows as embeddings, %d, but has %d"
              .formatted(rows, refEmb.size(0)));
    }
    return new Triplets(every(0, rows), every(1, rows), every(2, rows));
  }

  private static Tensor every(int first, long rows) {
    return Torch.arange(rows).slice(0, first, rows, 3).contiguous();
  }
}
