package dev.tripoint.train;

import java.util.Arrays;

/**
 * What is done to features before the network sees them: (x − offset) · scale, column by column.
 *
 * @param offset [D]
 * @param scale [D]
 */
record FeatureScale(float[] offset, float[] scale) {

  /** Divides by one number: for pictures, whose columns belong together. */
  static FeatureScale dividing(int width, float by) {
    float[] scale = new float[width];
    Arrays.fill(scale, 1 / by);
    return new FeatureScale(new float[width], scale);
  }

  /**
   * Mean 0 and standard deviation 1 in each column of {@code rows}; a constant column becomes 0.
   */
  static FeatureScale standardising(float[][] rows) {
    int width = rows[0].length;
    float[] offset = new float[width];
    float[] scale = new float[width];
    for (int k = 0; k < width; k++) {
      double sum = 0;
      for (float[] row : rows) {
        sum += row[k];
      }
      double mean = sum / rows.length;
      double squares = 0;
      for (float[] row : rows) {
        squares += (row[k] - mean) * (row[k] - mean);
      }
      double deviation = Math.sqrt(squares / rows.length);
      offset[k] = (float) mean;
      // Below this, a column is a constant and its rounding.
      scale[k] =
          deviation > 1e-6 * Math.abs(mean) && deviation > 1e-30 ? (float) (1 / deviation) : 0;
    }
    return new FeatureScale(offset, scale);
  }

  /** Scales {@code row} into {@code out} from {@code at} on. */
  void apply(float[] row, float[] out, int at) {
    for (int k = 0; k < row.length; k++) {
      out[at + k] = (row[k] - offset[k]) * scale[k];
    }
  }
}
