package dev.tripoint.loss;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.List;

/** Sums over those entries of a row that a mask keeps. */
final class MaskedSums {

  private MaskedSums() {}

  /**
   * log(1 + Σ exp(x)) over the kept entries of each row; 0 with gradient 0 where none is kept.
   *
   * @param x floats, [R, C]
   * @param keep bool, [R, C]
   * @return [R]
   */
  static Tensor logOnePlusSumOfExp(Tensor x, Tensor keep) {
    Tensor kept = x.maskedFill(keep.logicalNot(), Double.NEGATIVE_INFINITY);
    Tensor one = Torch.zeros(x.dtype(), x.device(), x.size(0), 1);
    return Torch.cat(List.of(kept, one), 1).logsumexp(1, false);
  }
}
