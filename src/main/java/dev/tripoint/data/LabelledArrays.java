package dev.tripoint.data;

/**
 * Rows of numbers with a label each, in plain arrays: what a training run reads.
 *
 * @param features [N][D], finite
 * @param labels [N]
 */
public record LabelledArrays(float[][] features, long[] labels) {

  /** Checks that there is one label a row. */
  public LabelledArrays {
    if (features.length != labels.length) {
      throw new IllegalArgumentException(
          "%d rows of features and %d labels".formatted(features.length, labels.length));
    }
  }

  /** N. */
  public int rows() {
    return features.length;
  }

  /** D, 0 where there are no rows. */
  public int width() {
    return features.length == 0 ? 0 : features[0].length;
  }

  /** The given rows, in that order. The rows themselves are shared, not copied. */
  public LabelledArrays select(int[] rows) {
    float[][] chosen = new float[rows.length][];
    long[] chosenLabels = new long[rows.length];
    for (int i = 0; i < rows.length; i++) {
      chosen[i] = features[rows[i]];
      chosenLabels[i] = labels[rows[i]];
    }
    return new LabelledArrays(chosen, chosenLabels);
  }
}
