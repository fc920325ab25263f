package dev.tripoint.nn;

import dev.tripoint.tensor.Tensor;

/** What becomes of a loss's terms: {@code reduction} of {@code torch.nn}'s losses. */
public enum Reduction {
  /** They stay as they are. */
  NONE,
  /** Their mean, NaN where there are none. */
  MEAN,
  /** Their sum. */
  SUM;

  /** LibTorch's own number for it. */
  int code() {
    return ordinal();
  }

  Tensor apply(Tensor losses) {
    return switch (this) {
      case NONE -> losses;
      case MEAN -> losses.mean();
      case SUM -> losses.sum();
    };
  }
}
