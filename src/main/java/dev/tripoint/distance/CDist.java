package dev.tripoint.distance;

import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The p-norm of the difference, of the rows as they are: {@code torch.cdist}.
 *
 * @param p the norm, 0 or more, infinity allowed; 2 by default
 * @param computeMode whether p = 2 goes by a matrix product; where many rows make it worth while by
 *     default
 */
public record CDist(double p, ComputeMode computeMode) implements Distance {

  /** When the Gram form, faster and near zero less exact, is used for p = 2. */
  public enum ComputeMode {
    /** With more than 25 rows on a side. */
    USE_MM_FOR_EUCLID_DIST_IF_NECESSARY(null),
    /** Always. */
    USE_MM_FOR_EUCLID_DIST(1L),
    /** Never. */
    DONOT_USE_MM_FOR_EUCLID_DIST(2L);

    private final @Nullable Long code;

    ComputeMode(@Nullable Long code) {
      this.code = code;
    }
  }

  private static final Op CDIST = Op.of("aten::cdist");

  public CDist {
    Rows.requireNorm(p, 1);
  }

  public CDist() {
    this(2, ComputeMode.USE_MM_FOR_EUCLID_DIST_IF_NECESSARY);
  }

  @Override
  public Tensor matrix(Tensor query, Tensor ref) {
    Rows.requireMatrices(query, ref);
    return CDIST.callTensor(query, ref, p, computeMode.code);
  }
}
