package dev.tripoint.miner;

import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;

/**
 * Runs of a list, one for each row: row i stands for the entries {@code starts[i]}, {@code
 * starts[i] + 1}, … of which there are {@code counts[i]}. Unlike a mask over rows and entries it
 * takes memory for the result alone.
 *
 * @param row int64, [K], the row of each
 * @param entry int64, [K], the entry of each; within a row they ascend
 */
record Expansion(Tensor row, Tensor entry) {

  /** Bytes for each triplet at the worst moment: four int64 tensors. */
  private static final int BYTES_EACH = 32;

  private static final Op REPEAT = Op.of("aten::repeat_interleave.Tensor");

  static Expansion of(Tensor counts, Tensor starts, long available) {
    FreeMemory.require("triplets", counts.sum().item(), BYTES_EACH, available);
    Tensor row = REPEAT.callTensor(counts);
    Tensor shift = starts.sub(counts.cumsum(0).sub(counts));
    Tensor entry = shift.indexSelect(0, row);
    try (Tensor position = Torch.arange(entry.numel())) {
      entry.add_(position);
    }
    return new Expansion(row, entry);
  }

  /**
   * Takes an anchor and a positive by row and a negative by entry; the two index tensors are freed
   * early.
   */
  Triplets triplets(Tensor anchors, Tensor positives, Tensor negatives) {
    Tensor negative = negatives.indexSelect(0, entry);
    entry.close();
    return new Triplets(anchors.indexSelect(0, row), positives.indexSelect(0, row), negative);
  }
}
