package dev.tripoint.distance;

import dev.tripoint.tensor.Tensor;

/**
 * The cosine of the angle, where greater means closer: {@code pml.CosineSimilarity}. It is the dot
 * product of the normalised rows.
 *
 * @param p the norm that rows are divided by; 2 by default, and only then is it a cosine
 * @param power what each cosine is raised to; 1 by default
 */
public record CosineSimilarity(double p, double power) implements Distance {

  public CosineSimilarity {
    Rows.requireNorm(p, power);
  }

  public CosineSimilarity() {
    this(2, 1);
  }

  public CosineSimilarity withP(double p) {
    return new CosineSimilarity(p, power);
  }

  public CosineSimilarity withPower(double power) {
    return new CosineSimilarity(p, power);
  }

  @Override
  public boolean isInverted() {
    return true;
  }

  @Override
  public Tensor matrix(Tensor query, Tensor ref) {
    return Rows.measure(query, ref, true, p, power, (left, right) -> left.matmul(right.t()));
  }

  /** The products of the rows as they are, like the source: normalise them first to get cosines. */
  @Override
  public Tensor pairwise(Tensor query, Tensor ref) {
    return Rows.products(query, ref);
  }
}
