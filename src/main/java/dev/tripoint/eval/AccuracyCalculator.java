package dev.tripoint.eval;

import dev.tripoint.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * MAP@R, precision at 1 and R-precision, as pytorch-metric-learning's {@code AccuracyCalculator}
 * defines them, with cosine similarity and each row a query among all others.
 *
 * <p>For a query with R other rows of its class: R-precision is the share of that class among the R
 * nearest; MAP@R adds up, over the places i ≤ R that hold the class, the precision of the first i,
 * and divides by R. Queries whose class has no other row are left out of the means; where no query
 * is left, the measures are NaN, as there. Exact, with O(N) memory beside the rows; equal
 * similarities are ordered by index.
 */
public final class AccuracyCalculator {
  private AccuracyCalculator() {}

  /**
   * The three measures, means over the queries, each in [0, 1] or NaN.
   *
   * @param mapAtR mean average precision at R
   * @param recallAt1 the share of queries whose nearest row has their class (precision at 1)
   * @param rPrecision R-precision
   */
  public record Measures(double mapAtR, double recallAt1, double rPrecision) {}

  /**
   * Measures of embeddings.
   *
   * @param embeddings [N, D], any float dtype, finite
   * @param labels [N], any integer dtype
   * @throws IllegalArgumentException if the shapes do not fit, or a value is NaN or infinite
   *     (naming the first such row)
   */
  public static Measures of(Tensor embeddings, Tensor labels) {
    if (embeddings.dim() != 2 || labels.dim() != 1 || embeddings.size(0) != labels.size(0)) {
      throw new IllegalArgumentException(
          "embeddings of shape %s and labels of shape %s, expected [N, D] and [N]"
              .formatted(Arrays.toString(embeddings.sizes()), Arrays.toString(labels.sizes())));
    }
    int rows = Math.toIntExact(embeddings.size(0));
    int width = Math.toIntExact(embeddings.size(1));
    Math.multiplyExact(rows, width);
    return of(new CosineRows(embeddings.toDoubleArray(), rows, width), labels.toLongArray());
  }

  /** The same from plain arrays: embeddings [N][D], labels [N]. */
  public static Measures of(float[][] embeddings, long[] labels) {
    if (embeddings.length != labels.length) {
      throw new IllegalArgumentException(
          "%d rows of embeddings and %d labels".formatted(embeddings.length, labels.length));
    }
    return of(new CosineRows(embeddings), labels);
  }

  private static Measures of(CosineRows rows, long[] labels) {
    Map<Long, Integer> counts = new HashMap<>();
    for (long label : labels) {
      counts.merge(label, 1, Integer::sum);
    }
    // One place a query, added up in order afterwards: the same bits for any number of threads.
    double[] mapAtR = new double[labels.length];
    double[] recallAt1 = new double[labels.length];
    double[] rPrecision = new double[labels.length];
    rows.forEachQuery((query, similarities) -> {
      int r = counts.get(labels[query]) - 1;
      if (r == 0) {
        return;
      }
      similarities[query] = Double.NEGATIVE_INFINITY;
      int[] nearest = Nearest.first(similarities, r);
      int hits = 0;
      double precisions = 0;
      for (int place = 0; place < r; place++) {
        if (labels[nearest[place]] == labels[query]) {
          hits++;
          precisions += (double) hits / (place + 1);
        }
      }
      mapAtR[query] = precisions / r;
      rPrecision[query] = (double) hits / r;
      recallAt1[query] = labels[nearest[0]] == labels[query] ? 1 : 0;
    });
    long queries = Arrays.stream(labels).filter(label -> counts.get(label) > 1).count();
    return new Measures(
        Arrays.stream(mapAtR).reduce(0, Double::sum) / queries,
        Arrays.stream(recallAt1).reduce(0, Double::sum) / queries,
        Arrays.stream(rPrecision).reduce(0, Double::sum) / queries);
  }
}
