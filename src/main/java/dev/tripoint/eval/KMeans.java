package dev.tripoint.eval;

import java.util.Arrays;
import java.util.Random;

/**
 * k-means: centres drawn as k-means++ draws them, then Lloyd's steps until nothing changes.
 *
 * <p>pytorch-metric-learning clusters with faiss, 20 steps from rows drawn evenly. The draws differ
 * and so do the clusters; the sums of squares here are on average no greater. Run to run and for
 * any number of threads the clusters are the same. A cluster that loses all its rows takes the one
 * that lies farthest from its centre; where there are fewer distinct rows than clusters, there are
 * fewer clusters.
 *
 * @param seed decides the draws
 * @param steps how many at most; 20 by default
 */
public record KMeans(long seed, int steps) implements ClusterFunction {

  /**
   * @throws IllegalArgumentException if there is no step
   */
  public KMeans {
    if (steps < 1) {
      throw new IllegalArgumentException("steps must be 1 or more, but are " + steps);
    }
  }

  /** With 20 steps. */
  public KMeans(long seed) {
    this(seed, 20);
  }

  @Override
  public long[] cluster(double[][] rows, int clusters) {
    return Arrays.stream(nearestCentres(rows, clusters)).asLongStream().toArray();
  }

  private int[] nearestCentres(double[][] rows, int clusters) {
    if (rows.length == 0 || clusters < 1) {
      return new int[rows.length];
    }
    RowSource source = RowSource.of("rows", rows);
    int exponent = source.exponent();
    Tiles tiles = Tiles.of(source.scaled(exponent));
    double[][] centres = draw(tiles, clusters);
    int[] of = new int[rows.length];
    double[] distances = new double[rows.length];
    for (int step = 0; step < steps; step++) {
      int[] before = of.clone();
      assign(tiles, centres, of, distances);
      if (step > 0 && Arrays.equals(of, before)) {
        return of;
      }
      move(tiles, centres, of, distances);
    }
    assign(tiles, centres, of, distances);
    return of;
  }

  /** Each next centre is a row, drawn by its squared distance from the nearest so far. */
  private double[][] draw(Tiles rows, int clusters) {
    Random random = new Random(seed);
    double[][] centres = new double[Math.min(clusters, rows.rows())][];
    centres[0] = rows.row(random.nextInt(rows.rows()));
    double[] nearest = new double[rows.rows()];
    Arrays.fill(nearest, Double.POSITIVE_INFINITY);
    for (int c = 1; c < centres.length; c++) {
      Tiles last = centres(centres[c - 1]);
      new RowScores(SimilarityFunction.EUCLIDEAN, rows, last)
          .forEachQuery((row, scores) -> nearest[row] = Math.min(nearest[row], -scores[0]));
      double sum = Arrays.stream(nearest).reduce(0, Double::sum);
      if (sum == 0) {
        return Arrays.copyOf(centres, c);
      }
      double left = random.nextDouble() * sum;
      int chosen = -1;
      for (int row = 0; row < nearest.length && (left >= 0 || chosen < 0); row++) {
        if (nearest[row] > 0) {
          chosen = row;
          left -= nearest[row];
        }
      }
      centres[c] = rows.row(chosen);
    }
    return centres;
  }

  private static void assign(Tiles rows, double[][] centres, int[] of, double[] distances) {
    new RowScores(SimilarityFunction.EUCLIDEAN, rows, centres(centres))
        .forEachQuery((row, scores) -> {
          int best = 0;
          for (int c = 1; c < scores.length; c++) {
            best = scores[c] > scores[best] ? c : best;
          }
          of[row] = best;
          distances[row] = -scores[best];
        });
  }

  private static void move(Tiles rows, double[][] centres, int[] of, double[] distances) {
    int[] counts = new int[centres.length];
    double[][] sums = new double[centres.length][rows.width()];
    for (int row = 0; row < of.length; row++) {
      double[] values = rows.row(row);
      counts[of[row]]++;
      for (int k = 0; k < values.length; k++) {
        sums[of[row]][k] += values[k];
      }
    }
    for (int c = 0; c < centres.length; c++) {
      if (counts[c] == 0) {
        int farthest = 0;
        for (int row = 1; row < distances.length; row++) {
          farthest = distances[row] > distances[farthest] ? row : farthest;
        }
        distances[farthest] = 0;
        centres[c] = rows.row(farthest);
        continue;
      }
      for (int k = 0; k < sums[c].length; k++) {
        centres[c][k] = sums[c][k] / counts[c];
      }
    }
  }

  private static Tiles centres(double[]... rows) {
    return Tiles.of(RowSource.of("centres", rows));
  }
}
