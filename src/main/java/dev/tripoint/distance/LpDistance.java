package dev.tripoint.distance;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;

/**
 * The Lp norm of the difference, raised to a power: {@code pml.LpDistance}.
 *
 * <p>All pairs go through {@code torch.cdist}, as in the source: for p = 2 and more than 25 rows on
 * a side that is the Gram form, whose result near zero is less exact. The gradient at distance zero
 * is 0. Embeddings of half precision are compared in float32 and the result is rounded once, where
 * the source adds 1e-6 to each difference.
 *
 * <p>{@link #pairwise} is {@code torch.nn.functional.pairwise_distance} of the rows as they are:
 * like the source it neither normalises nor raises to the power, and it adds 1e-6 to each
 * difference.
 *
 * @param p the norm, 0 or more, infinity allowed; 2 by default. Also the norm that rows are divided
 *     by
 * @param power what each distance is raised to; 1 by default
 * @param normalizeEmbeddings whether rows are first divided by their norm; true by default
 */
public record LpDistance(double p, double power, boolean normalizeEmbeddings) implements Distance {

  private static final Op PAIRWISE = Op.of("aten::pairwise_distance");

  public LpDistance {
    Rows.requireNorm(p, power);
  }

  public LpDistance() {
    this(2, 1, true);
  }

  public LpDistance withP(double p) {
    return new LpDistance(p, power, normalizeEmbeddings);
  }

  public LpDistance withPower(double power) {
    return new LpDistance(p, power, normalizeEmbeddings);
  }

  public LpDistance withNormalizeEmbeddings(boolean normalizeEmbeddings) {
    return new LpDistance(p, power, normalizeEmbeddings);
  }

  @Override
  public Tensor matrix(Tensor query, Tensor ref) {
    return Rows.measure(query, ref, normalizeEmbeddings, p, power, this::distances);
  }

  @Override
  public Tensor pairwise(Tensor query, Tensor ref) {
    Rows.requireSameRows(query, ref);
    return PAIRWISE.callTensor(query, ref, p);
  }

  private Tensor distances(Tensor query, Tensor ref) {
    if (!Rows.isHalf(query)) {
      return query.cdist(ref, p);
    }
    Tensor wide = query.to(DType.FLOAT32);
    return wide.cdist(ref.equals(query) ? wide : ref.to(DType.FLOAT32), p).to(query.dtype());
  }
}
