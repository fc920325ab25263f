package dev.tripoint.distance;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;

/**
 * Signal to noise: the variance of the difference over the variance of the query's row, so not
 * symmetric: {@code pml.SNRDistance}. All pairs take N · M · D elements of memory, as in the
 * source.
 *
 * @param p the norm that rows are divided by where they are normalised; 2 by default
 * @param power what each ratio is raised to; 1 by default
 * @param normalizeEmbeddings whether rows are first divided by their norm; true by default
 */
public record SNRDistance(double p, double power, boolean normalizeEmbeddings) implements Distance {

  public SNRDistance {
    Rows.requireNorm(p, power);
  }

  public SNRDistance() {
    this(2, 1, true);
  }

  @Override
  public Tensor matrix(Tensor query, Tensor ref) {
    return Rows.measure(query, ref, normalizeEmbeddings, p, power, SNRDistance::ratios);
  }

  /** The ratios of the rows as they are: neither normalised nor raised to the power. */
  @Override
  public Tensor pairwise(Tensor query, Tensor ref) {
    Rows.requireSameRows(query, ref);
    try (TensorScope scope = TensorScope.open()) {
      Tensor left = Rows.wide(query);
      Tensor right = Rows.wide(ref);
      return scope.keep(
          left.sub(right).var(1, true, false).div(left.var(1, true, false)).to(query.dtype()));
    }
  }

  private static Tensor ratios(Tensor query, Tensor ref) {
    Tensor left = Rows.wide(query);
    Tensor right = Rows.wide(ref);
    return left.unsqueeze(1)
        .sub(right)
        .var(2, true, false)
        .div(left.var(1, true, true))
        .to(query.dtype());
  }
}
