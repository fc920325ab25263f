package dev.tripoint.train;

import dev.tripoint.tensor.Tensor;

/**
 * A batch's embeddings, looked at from outside the loss: how far apart, and how hard they still
 * are.
 */
final class BatchLook {
  private final double[] values;
  private final int width;
  private final long[] labels;

  private BatchLook(double[] values, long[] labels) {
    this.values = values;
    this.labels = labels;
    this.width = values.length / labels.length;
  }

  /** Of embeddings [N, D] with N labels. */
  static BatchLook of(Tensor embeddings, long[] labels) {
    return new BatchLook(embeddings.toDoubleArray(), labels);
  }

  /**
   * As {@link dev.tripoint.eval.EpochTrace#spread} says. The mean squared distance of two rows is
   * twice the mean squared length less twice the squared length of the mean.
   */
  double spread() {
    double[] mean = new double[width];
    double squares = 0;
    for (int i = 0; i < values.length; i++) {
      mean[i % width] += values[i] / labels.length;
      squares += values[i] * values[i] / labels.length;
    }
    double ofMean = 0;
    for (double m : mean) {
      ofMean += m * m;
    }
    return squares == 0 ? 0 : Math.sqrt(Math.max(0, squares - ofMean) / squares);
  }

  /**
   * The share of rows whose nearest row of another class is not farther, by the margin, than the
   * farthest of their own.
   */
  double breaking(double margin) {
    int breaking = 0;
    for (int i = 0; i < labels.length; i++) {
      double own = 0;
      double other = Double.POSITIVE_INFINITY;
      for (int j = 0; j < labels.length; j++) {
        double distance = distance(i, j);
        if (labels[i] == labels[j]) {
          own = Math.max(own, distance);
        } else {
          other = Math.min(other, distance);
        }
      }
      breaking += own - other + margin > 0 ? 1 : 0;
    }
    return (double) breaking / labels.length;
  }

  private double distance(int i, int j) {
    double squares = 0;
    for (int k = 0; k < width; k++) {
      double difference = values[i * width + k] - values[j * width + k];
      squares += difference * difference;
    }
    return Math.sqrt(squares);
  }
}
