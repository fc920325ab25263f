package dev.tripoint.nn;

import dev.tripoint.tensor.Tensor;
import java.util.Arrays;

/** What both triplet losses ask of their inputs. */
final class TripletRows {

  private TripletRows() {}

  static void requireMargin(double margin) {
    if (!(margin > 0)) {
      throw new IllegalArgumentException("margin must be greater than 0, but is " + margin);
    }
  }

  static void require(Tensor anchor, Tensor positive, Tensor negative) {
    requireFloats("anchor", anchor);
    requireFloats("positive", positive);
    requireFloats("negative", negative);
    if (!fit(anchor.sizes(), positive.sizes())
        || !fit(anchor.sizes(), negative.sizes())
        || !fit(positive.sizes(), negative.sizes())) {
      throw new IllegalArgumentException(
          "anchor, positive and negative must have one shape, but have %s, %s and %s"
              .formatted(
                  Arrays.toString(anchor.sizes()),
                  Arrays.toString(positive.sizes()),
                  Arrays.toString(negative.sizes())));
    }
  }

  /** All that can be asked where the distance is the caller's. */
  static void requireDims(Tensor anchor, Tensor positive, Tensor negative) {
    if (anchor.dim() != positive.dim() || anchor.dim() != negative.dim()) {
      throw new IllegalArgumentException(
          "anchor, positive and negative must have as many dimensions, but have %d, %d and %d"
              .formatted(anchor.dim(), positive.dim(), negative.dim()));
    }
  }

  private static void requireFloats(String name, Tensor t) {
    if (!t.dtype().isFloatingPoint()) {
      throw new IllegalArgumentException(
          "%s must be floats, but is %s".formatted(name, t.dtype().torchName()));
    }
  }

  /** As many dimensions, and each length equal or 1. */
  private static boolean fit(long[] left, long[] right) {
    boolean fits = left.length == right.length;
    for (int i = 0; fits && i < left.length; i++) {
      fits = left[i] == right[i] || left[i] == 1 || right[i] == 1;
    }
    return fits;
  }
}
