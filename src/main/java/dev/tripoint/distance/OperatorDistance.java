package dev.tripoint.distance;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Device;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/**
 * A distance in the words of Tripoint's operators, which hold no matrix of all pairs.
 *
 * @param word their argument {@code distance}
 * @param normalize their argument of that name
 */
public record OperatorDistance(String word, boolean normalize) {

  private static final Op SUM = Op.of("aten::sum");
  private static final String COSINE = "cosine";

  /** The words for a distance, null where the operators do not have it. */
  public static @Nullable OperatorDistance of(Distance distance) {
    return switch (distance) {
      case LpDistance(double p, double power, boolean normalize) when p == 2 && power == 1 ->
          new OperatorDistance("euclidean", normalize);
      case LpDistance(double p, double power, boolean normalize) when p == 2 && power == 2 ->
          new OperatorDistance("sqeuclidean", normalize);
      case CosineSimilarity(double p, double power) when p == 2 && power == 1 ->
          new OperatorDistance(COSINE, false);
      case DotProductSimilarity(double p, double power, boolean normalize)
          when power == 1 && normalize && p == 2 ->
          new OperatorDistance(COSINE, false);
      case DotProductSimilarity(double _, double power, boolean normalize)
          when power == 1 && !normalize ->
          new OperatorDistance("dot", false);
      default -> null;
    };
  }

  /** Whether an operator's cosine distance, 1 − cos, stands for a cosine. */
  public boolean isCosine() {
    return word.equals(COSINE);
  }

  /**
   * Whether the operators give what the distance's matrix would: on the CPU and for finite numbers.
   * Among others they go by rules of their own.
   */
  public static boolean serves(Tensor embeddings) {
    if (!embeddings.device().equals(Device.CPU)) {
      return false;
    }
    try (TensorScope scope = TensorScope.open()) {
      // Not finite where one of the terms is not.
      Tensor sum =
          Rows.isHalf(embeddings) ? SUM.callTensor(embeddings, DType.FLOAT32) : embeddings.sum();
      return Double.isFinite(sum.item());
    }
  }
}
