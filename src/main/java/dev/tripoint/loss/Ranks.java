package dev.tripoint.loss;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.List;

/**
 * What losses of ranks compare: for each of P ranked pairs (i, j), row j's similarity to row i with
 * those of all rows. The sources compare all N³; what is not ranked counts for nothing there.
 *
 * @param row int64, [P]: i
 * @param column int64, [P]: j
 * @param differences floats, [P, N]: s(i, k) − s(i, j) for each k
 * @param perRow int64, [P]: how many pairs are ranked of the same row i
 */
record Ranks(Tensor row, Tensor column, Tensor differences, Tensor perRow) {

  /**
   * @param mat similarities, [N, N]
   * @param ranked bool, [N, N]: which pairs are ranked
   */
  static Ranks of(Tensor mat, Tensor ranked) {
    List<Tensor> pairs = Torch.where(ranked);
    Tensor row = pairs.getFirst();
    Tensor column = pairs.getLast();
    return new Ranks(
        row,
        column,
        mat.indexSelect(0, row).sub(mat.index(row, column).unsqueeze(1)),
        ranked.sum(1).indexSelect(0, row));
  }

  /** A square mask with its diagonal. */
  static Tensor withSelf(Tensor mask) {
    return mask.copy().fillDiagonal_(1);
  }

  /** A mask of rows, [N, N], beside each pair: [P, N]. */
  Tensor ofRows(Tensor mask) {
    return mask.indexSelect(0, row);
  }

  /** Who is not the ranked row itself: bool, [P, N]. */
  Tensor others() {
    return Torch.arange(differences.size(1)).ne(column.unsqueeze(1));
  }
}
