package dev.tripoint.loss;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;

/** Checks and uses of a loss's own numbers. */
final class Settings {

  private Settings() {}

  /** Checks that a setting is greater than 0. */
  static void requirePositive(String name, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException(name + " must be greater than 0, but is " + value);
    }
  }

  /** A setting as a tensor that can stand beside another. */
  static Tensor like(Tensor other, double value) {
    return Torch.scalar(value, other.dtype());
  }
}
