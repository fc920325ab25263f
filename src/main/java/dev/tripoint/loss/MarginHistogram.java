package dev.tripoint.loss;

import java.util.Arrays;

/**
 * What a {@link DynamicSoftMarginLoss} remembers from batch to batch: how often each d_ap − d_an
 * came up, as a part of 1. Mutable; used by one thread at a time. Keep {@link #values} in a
 * checkpoint and {@link #set} them to go on from it.
 */
public final class MarginHistogram {

  private final double[] values;

  /** One that has seen no batch: all zeros. */
  public MarginHistogram(int numBins) {
    if (numBins < 2) {
      throw new IllegalArgumentException("numBins must be 2 or more, but is " + numBins);
    }
    values = new double[numBins];
  }

  /** How many bins there are. */
  public int numBins() {
    return values.length;
  }

  /** A copy of the bins. */
  public double[] values() {
    return values.clone();
  }

  /**
   * Replaces the bins.
   *
   * @param bins as many as there are
   */
  public void set(double... bins) {
    if (bins.length != values.length) {
      throw new IllegalArgumentException(
          "there are %d bins, not %d".formatted(values.length, bins.length));
    }
    System.arraycopy(bins, 0, values, 0, bins.length);
  }

  boolean isEmpty() {
    return Arrays.stream(values).sum() == 0;
  }
}
