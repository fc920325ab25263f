package dev.tripoint.compat.st;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;

/**
 * By how much each positive is more similar to its query than a negative, against what a teacher
 * says: the mean of (s(q, p) − s(q, n) − target)²: {@code st.MarginMSELoss}.
 *
 * @param similarityFct gives a similarity [N] for each row; the dot product by default
 */
public record MarginMSELoss(BinaryOperator<Tensor> similarityFct) {

  public MarginMSELoss() {
    this(SimilarityFunction.DOT_PRODUCT::pairwise);
  }

  /**
   * The loss of queries with a positive and negatives.
   *
   * @param query floats, [N, D]
   * @param positive floats of the same dtype, [N, D]
   * @param targets the wanted differences, [N, K], or [N] for one negative; or the teacher's scores
   *     of the positive and then the negatives, [N, K + 1]. They get no gradient
   * @param negatives K matrices of floats, [N, D]
   * @return a single value
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor query, Tensor positive, Tensor targets, Tensor... negatives) {
    Rows.require(query, positive, negatives);
    return Rows.scoped(() -> {
      Tensor wanted = margins(targets.detach(), query.size(0), negatives.length);
      Tensor near = similarityFct.apply(query, positive);
      List<Tensor> margins =
          Arrays.stream(negatives)
              .map(negative -> near.sub(similarityFct.apply(query, negative)))
              .toList();
      return Torch.stack(margins, 1).sub(wanted).square().mean();
    });
  }

  private static Tensor margins(Tensor targets, long rows, long negatives) {
    Tensor found = targets.dim() == 1 ? targets.unsqueeze(1) : targets;
    if (negatives > 0 && Arrays.equals(found.sizes(), new long[] {rows, negatives + 1})) {
      return found.narrow(1, 0, 1).sub(found.narrow(1, 1, negatives));
    }
    if (negatives > 0 && Arrays.equals(found.sizes(), new long[] {rows, negatives})) {
      return found;
    }
    throw new IllegalArgumentException(
        "targets of %d rows with %d negatives must be of shape [%d, %d] or, as scores, [%d, %d], but are %s"
            .formatted(
                rows,
                negatives,
                rows,
                negatives,
                rows,
                negatives + 1,
                Arrays.toString(targets.sizes())));
  }
}
