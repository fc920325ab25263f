package dev.tripoint.nn;

import dev.tripoint.tensor.Tensor;

/** {@link Functional#normalize} as a module: x / max(‖x‖ₚ, 1e-12) along one dimension. */
public final class Normalize extends Module {
  private final double p;
  private final long dim;

  /** Euclidean length 1 along dimension 1. */
  public Normalize() {
    this(2, 1);
  }

  /** Length 1 in the p-norm along {@code dim}. */
  public Normalize(double p, long dim) {
    this.p = p;
    this.dim = dim;
  }

  @Override
  public Tensor forward(Tensor x) {
    return Functional.normalize(x, p, dim, 1e-12);
  }
}
