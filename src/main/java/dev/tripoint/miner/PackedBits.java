package dev.tripoint.miner;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;

/** Masks of one bit for each pair, eight in a byte, the lowest bit first. */
final class PackedBits {

  private static final Op BITWISE_AND = Op.of("aten::bitwise_and.Tensor");
  private static final long BITS = 8;

  private PackedBits() {}

  /** Whether a tensor may be bits of so many columns. */
  static boolean holds(Tensor bits, long columns) {
    return bits.dtype() == DType.UINT8
        && bits.dim() == 2
        && columns >= 0
        && bits.size(1) == Math.ceilDiv(columns, BITS);
  }

  /** The same as bool, [N, columns]. */
  static Tensor unpack(Tensor bits, long columns) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor ones = Tensor.of(new int[] {1, 2, 4, 8, 16, 32, 64, 128}, BITS).to(DType.UINT8);
      Tensor each = BITWISE_AND.callTensor(bits.unsqueeze(2), ones);
      return scope.keep(
          each.ne(0).reshape(bits.size(0), BITS * bits.size(1)).narrow(1, 0, columns));
    }
  }
}
