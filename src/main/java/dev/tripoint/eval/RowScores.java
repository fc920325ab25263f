package dev.tripoint.eval;

import java.util.stream.IntStream;

/**
 * How near every query is to every reference, a few queries at a time: beside the rows it takes
 * memory for a few lines of scores alone.
 *
 * <p>Great scores are near: distances are squared and negated, and all but cosines are multiplied
 * by a power of two. Computed in float64, each pair by one sum in a fixed order, so that equal rows
 * give equal bits wherever they stand and whatever the number of threads: ties are true ties, and
 * (score, index) decides.
 */
public final class RowScores {
  private static final int MOST_QUERIES = 16;
  private static final int MOST_SCORES = 1 << 21;

  private final SimilarityFunction by;
  private final Tiles queries;
  private final Tiles references;

  /** Takes what to do with one query's scores; called from several threads, once a query. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * One query.
     *
     * @param query its row
     * @param scores to every reference, great ones near; [M], free to change, valid during the call
     *     only
     */
    void visit(int query, double[] scores);
  }

  RowScores(SimilarityFunction by, Tiles queries, Tiles references) {
    this.by = by;
    this.queries = queries;
    this.references = references;
  }

  /**
   * Cosines of rows, [N][D], among themselves.
   *
   * @throws IllegalArgumentException if a value is NaN or infinite, naming the first such row
   */
  public static RowScores cosines(float[][] rows) {
    Tiles tiles = Tiles.of(RowSource.of("embeddings", rows).unit());
    return new RowScores(SimilarityFunction.COSINE, tiles, tiles);
  }

  /** Visits every query, in parallel and in no particular order. */
  public void forEachQuery(Visitor visitor) {
    int size = Math.clamp(MOST_SCORES / Math.max(1, references.rows()), 1, MOST_QUERIES);
    int blocks = (queries.rows() + size - 1) / size;
    IntStream.range(0, blocks).parallel().forEach(block -> visitBlock(block * size, size, visitor));
  }

  private void visitBlock(int from, int size, Visitor visitor) {
    int count = Math.min(size, queries.rows() - from);
    double[][] rows = new double[count][];
    double[][] scores = new double[count][references.rows()];
    for (int q = 0; q < count; q++) {
      rows[q] = queries.row(from + q);
    }
    for (int t = 0; t < references.count(); t++) {
      for (int q = 0; q < count; q++) {
        accumulate(rows[q], references.tile(t), scores[q], t * Tiles.TILE, references.size(t));
      }
    }
    for (int q = 0; q < count; q++) {
      visitor.visit(from + q, scores[q]);
    }
  }

  private void accumulate(double[] query, double[] tile, double[] scores, int at, int columns) {
    for (int k = 0; k < query.length; k++) {
      double value = query[k];
      int row = k * columns;
      switch (by) {
        case COSINE, DOT -> {
          for (int j = 0; j < columns; j++) {
            scores[at + j] += value * tile[row + j];
          }
        }
        case EUCLIDEAN, NORMALIZED_EUCLIDEAN -> {
          for (int j = 0; j < columns; j++) {
            double difference = value - tile[row + j];
            scores[at + j] -= difference * difference;
          }
        }
        case MANHATTAN -> {
          for (int j = 0; j < columns; j++) {
            scores[at + j] -= Math.abs(value - tile[row + j]);
          }
        }
      }
    }
  }
}
