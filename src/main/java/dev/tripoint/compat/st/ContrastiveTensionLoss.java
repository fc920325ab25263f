package dev.tripoint.compat.st;

import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;

/**
 * Two models' embeddings of the same text must have a great dot product, of different texts a small
 * one: the sum of the binary cross entropies of the dot products: {@code
 * st.ContrastiveTensionLoss}. The embeddings of both models are given; in the source a copy of the
 * model makes one side.
 */
public record ContrastiveTensionLoss() {

  private static final Op CROSS_ENTROPY = Op.of("aten::binary_cross_entropy_with_logits");
  private static final long SUM = 2;

  /**
   * The loss of pairs.
   *
   * @param first one model's: floats, [N, D]
   * @param second the other's: floats of the same dtype, [N, D]
   * @param targets [N]: 1 where both are of the same text, else 0
   * @return a single value
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor first, Tensor second, Tensor targets) {
    Rows.require(first, second);
    Tensor wanted = Rows.requireTargets(targets, first);
    return Rows.scoped(() ->
        CROSS_ENTROPY.callTensor(
            first.mul(second).sum(1), wanted.to(first.dtype()), null, null, SUM));
  }
}
