package dev.tripoint.train;

import java.util.Locale;
import java.util.Random;

/**
 * How training rows are varied, anew each time: for pictures, half of them are moved by up to a
 * pixel each way; then all get normal noise after scaling.
 *
 * @param side pixels along a side of a square picture, 0 where rows are no pictures
 * @param shiftShare share of the pictures that are moved
 * @param noise standard deviation of the noise, in scaled units
 */
record Augmentation(int side, double shiftShare, double noise) {

  /**
   * The row to use for {@code row}: itself, or a copy moved by −1, 0 or 1 pixel each way, with 0
   * where nothing was.
   */
  float[] shifted(float[] row, Random random) {
    if (side == 0 || random.nextDouble() >= shiftShare) {
      return row;
    }
    int dy = random.nextInt(3) - 1;
    int dx = random.nextInt(3) - 1;
    float[] moved = new float[row.length];
    for (int y = Math.max(0, -dy); y < Math.min(side, side - dy); y++) {
      for (int x = Math.max(0, -dx); x < Math.min(side, side - dx); x++) {
        moved[y * side + x] = row[(y + dy) * side + x + dx];
      }
    }
    return moved;
  }

  void addNoise(float[] values, Random random) {
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (noise * random.nextGaussian());
    }
  }

  /** For people. */
  @Override
  public String toString() {
    String moved =
        side == 0
            ? ""
            : String.format(
                Locale.ROOT, "%.0f %% of the pictures moved by up to 1 pixel, ", 100 * shiftShare);
    return moved + "noise of deviation " + noise;
  }
}
