package dev.tripoint.loss;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.List;

/** The positive or the negative pairs of a batch of N embeddings and M references. */
sealed interface PairSide {

  /** How many pairs there are. */
  long count();

  /** Anchors and the others, int64, [count] each. */
  List<Tensor> indices();

  /** Which pairs there are, bool, [N, M]. */
  Tensor mask();

  /**
   * For each anchor, log Σ exp over its pairs, each as often as it is there; without any, as {@link
   * Sums#logSumExp}.
   *
   * @param x floats, [N, M]
   * @return [N]
   */
  Tensor logSumExp(Tensor x);

  /**
   * Each pair of a mask once.
   *
   * @param mask bool, [N, M]
   */
  record Masked(Tensor mask) implements PairSide {

    @Override
    public long count() {
      return mask.sum().itemLong();
    }

    @Override
    public List<Tensor> indices() {
      return Torch.where(mask);
    }

    @Override
    public Tensor logSumExp(Tensor x) {
      return Sums.logSumExp(x, mask);
    }
  }

  /**
   * Pairs that were given, perhaps some of them more than once.
   *
   * @param indices anchors and the others
   * @param rows N
   * @param columns M
   */
  record Given(List<Tensor> indices, long rows, long columns) implements PairSide {

    private static final Op INDEX_PUT = Op.of("aten::index_put");

    @Override
    public long count() {
      return indices.getFirst().numel();
    }

    @Override
    public Tensor mask() {
      return times(DType.FLOAT32).gt(0);
    }

    @Override
    public Tensor logSumExp(Tensor x) {
      Tensor times = times(x.dtype());
      return Sums.logSumExp(x.add(times.clampMin(1).log()), times.gt(0));
    }

    /** How often each pair is there, [N, M]. */
    private Tensor times(DType type) {
      return INDEX_PUT.callTensor(
          Torch.zeros(type, rows, columns), indices, Torch.scalar(1, type), true);
    }
  }
}
