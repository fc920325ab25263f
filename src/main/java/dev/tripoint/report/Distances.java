package dev.tripoint.report;

import java.util.Arrays;

/**
 * Distances of pairs of unit-length embeddings, 0 to 2, by whether the two share a class.
 *
 * @param same of pairs with one class, ascending
 * @param different of the other pairs, ascending
 */
record Distances(double[] same, double[] different) {
  private static final int MOST_ROWS = 2000;

  /** All pairs, or those of {@value #MOST_ROWS} evenly spaced rows where there are more. */
  static Distances of(float[][] rows, long[] labels) {
    int step = (rows.length + MOST_ROWS - 1) / MOST_ROWS;
    int count = (rows.length + step - 1) / step;
    double[] same = new double[count * (count - 1) / 2];
    double[] different = new double[same.length];
    int sames = 0;
    int differents = 0;
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < i; j++) {
        double distance = distance(rows[i * step], rows[j * step]);
        if (labels[i * step] == labels[j * step]) {
          same[sames++] = distance;
        } else {
          different[differents++] = distance;
        }
      }
    }
    same = Arrays.copyOf(same, sames);
    different = Arrays.copyOf(different, differents);
    Arrays.sort(same);
    Arrays.sort(different);
    return new Distances(same, different);
  }

  /**
   * How often a pair of one class is closer than a pair of two, equal distances half; NaN where a
   * side is empty.
   */
  double separation() {
    double wins = 0;
    int below = 0;
    int upTo = 0;
    for (double distance : same) {
      while (below < different.length && different[below] < distance) {
        below++;
      }
      while (upTo < different.length && different[upTo] <= distance) {
        upTo++;
      }
      wins += (different.length - upTo) + 0.5 * (upTo - below);
    }
    return wins / ((double) same.length * different.length);
  }

  static double distance(float[] a, float[] b) {
    double squares = 0;
    for (int k = 0; k < a.length; k++) {
      double difference = (double) a[k] - b[k];
      squares += difference * difference;
    }
    return Math.sqrt(squares);
  }
}
