package dev.tripoint.eval;

import dev.tripoint.tensor.Tensor;

/** How near the rows of one matrix are to those of another, row by row. */
final class PairScores {
  private PairScores() {}

  /**
   * Similarities, or distances as they are, in float64.
   *
   * @param left floats, [N, D], finite
   * @param right floats, [N, D], finite
   */
  static double[] of(SimilarityFunction by, Tensor left, Tensor right) {
    RowSource first = RowSource.of("rows of the left", left);
    RowSource second = RowSource.of("rows of the right", right);
    second.requireSameWidth(first);
    if (first.rows() != second.rows()) {
      throw new IllegalArgumentException(
          "there are %d %s, but %d %s"
              .formatted(first.rows(), first.name(), second.rows(), second.name()));
    }
    Tiles x = tiles(by, first);
    Tiles y = tiles(by, second);
    double[] scores = new double[first.rows()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = score(by, x.row(i), y.row(i));
    }
    return scores;
  }

  private static Tiles tiles(SimilarityFunction by, RowSource rows) {
    if (by.isOfUnitRows()) {
      return Tiles.of(rows.unit());
    }
    rows.exponent(); // refuses what is not finite
    return Tiles.of(rows);
  }

  private static double score(SimilarityFunction by, double[] x, double[] y) {
    double sum = 0;
    for (int k = 0; k < x.length; k++) {
      double difference = x[k] - y[k];
      sum +=
          switch (by) {
            case COSINE, DOT -> x[k] * y[k];
            case EUCLIDEAN, NORMALIZED_EUCLIDEAN -> difference * difference;
            case MANHATTAN -> Math.abs(difference);
          };
    }
    return switch (by) {
      case COSINE, DOT, MANHATTAN -> sum;
      case EUCLIDEAN, NORMALIZED_EUCLIDEAN -> Math.sqrt(sum);
    };
  }
}
