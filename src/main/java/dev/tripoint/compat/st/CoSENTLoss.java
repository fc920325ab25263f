package dev.tripoint.compat.st;

import dev.tripoint.miner.Inputs;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import dev.tripoint.tensor.ValuesIndices;
import java.util.function.BinaryOperator;

/**
 * Pairs must be as similar as the order of their targets says: log(1 + Σ exp(scale · (s_i − s_j)))
 * over all pairs of rows whose target t_i is below t_j: {@code st.CoSENTLoss}. Rows are sorted
 * once, so it takes no memory for the pairs of rows.
 *
 * @param scale what similarities are multiplied by; 20 by default
 * @param similarityFct gives a similarity [N] for each row; the cosine by default
 */
public record CoSENTLoss(double scale, BinaryOperator<Tensor> similarityFct) {

  private static final Op FLIP = Op.of("aten::flip");
  private static final Op LOGCUMSUMEXP = Op.of("aten::logcumsumexp");
  private static final Op SEARCHSORTED = Op.of("aten::searchsorted.Tensor");
  private static final long[] ROWS = {0};

  /**
   * @throws IllegalArgumentException if the scale is not a number
   */
  public CoSENTLoss {
    Inputs.requireNumber("scale", scale);
  }

  public CoSENTLoss() {
    this(20);
  }

  public CoSENTLoss(double scale) {
    this(scale, SimilarityFunction.COSINE::pairwise);
  }

  public CoSENTLoss withSimilarityFct(BinaryOperator<Tensor> similarityFct) {
    return new CoSENTLoss(scale, similarityFct);
  }

  /**
   * The loss of pairs.
   *
   * @param anchor floats, [N, D]
   * @param other floats of the same dtype, [N, D]
   * @param targets [N], of which only the order counts
   * @return a single value; 0 where all targets are equal
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor anchor, Tensor other, Tensor targets) {
    Rows.require(anchor, other);
    Tensor wanted = Rows.requireTargets(targets, anchor);
    return Rows.scoped(() -> loss(similarityFct.apply(anchor, other), wanted));
  }

  private Tensor loss(Tensor similarities, Tensor targets) {
    ValuesIndices sorted =
        (targets.dtype() == DType.BOOL ? targets.to(DType.INT32) : targets).sort(0, false);
    Tensor order = sorted.values().contiguous();
    Tensor scores = Rows.widened(similarities).mul(scale).indexSelect(0, sorted.indices());
    // For each row, where the rows of greater targets begin; their −s are summed from the end.
    Tensor greater = SEARCHSORTED.callTensor(order, order, false, true);
    Tensor sums = flipped(LOGCUMSUMEXP.callTensor(flipped(scores.neg()), 0));
    Tensor none = Torch.full(Double.NEGATIVE_INFINITY, scores.dtype(), 1);
    Tensor pairs = scores.add(Torch.cat(sums, none).indexSelect(0, greater));
    return Torch.cat(Torch.zeros(scores.dtype(), 1), pairs).logsumexp(0, false);
  }

  private static Tensor flipped(Tensor x) {
    return FLIP.callTensor(x, ROWS);
  }
}
