package dev.tripoint.distance;

import dev.tripoint.tensor.Tensor;

/**
 * The dot product, where greater means closer: {@code pml.DotProductSimilarity}.
 *
 * @param p the norm that rows are divided by where they are normalised; 2 by default
 * @param power what each product is raised to; 1 by default
 * @param normalizeEmbeddings whether rows are first divided by their norm; true by default, as in
 *     the source
 */
public record DotProductSimilarity(double p, double power, boolean normalizeEmbeddings)
    implements Distance {

  public DotProductSimilarity {
    Rows.requireNorm(p, power);
  }

  public DotProductSimilarity() {
    this(2, 1, true);
  }

  public DotProductSimilarity withP(double p) {
    return new DotProductSimilarity(p, power, normalizeEmbeddings);
  }

  public DotProductSimilarity withPower(double power) {
    return new DotProductSimilarity(p, power, normalizeEmbeddings);
  }

  public DotProductSimilarity withNormalizeEmbeddings(boolean normalizeEmbeddings) {
    return new DotProductSimilarity(p, power, normalizeEmbeddings);
  }

  @Override
  public boolean isInverted() {
    return true;
  }

  @Override
  public Tensor matrix(Tensor query, Tensor ref) {
    return Rows.measure(
        query, ref, normalizeEmbeddings, p, power, (left, right) -> left.matmul(right.t()));
  }

  /** The products of the rows as they are: neither normalised nor raised to the power. */
  @Override
  public Tensor pairwise(Tensor query, Tensor ref) {
    return Rows.products(query, ref);
  }
}
