package dev.tripoint.eval;

import java.util.stream.IntStream;

/**
 * Cosine similarities of every row with every row, a few rows at a time: O(N) memory beside the
 * rows.
 *
 * <p>Computed in float64, each pair by one sum in a fixed order, so that equal rows give equal bits
 * wherever they stand and whatever the number of threads: ties are true ties, and (value, index)
 * decides. A row of zeros has similarity 0 with all.
 */
public final class CosineRows {
  private static final int TILE = 256;
  private static final int QUERIES = 16;

  private final int rows;
  private final int width;

  /** Unit rows, [tile][k][column in the tile]: the inner loop runs over neighbouring columns. */
  private final double[][] tiles;

  private final double[][] unit;

  /** Takes what to do with one query's similarities; called from several threads, once a query. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * One query.
     *
     * @param query its row
     * @param similarities to every row, itself included; [N], free to change, valid during the call
     *     only
     */
    void visit(int query, double[] similarities);
  }

  /**
   * Over the given rows, [N][D].
   *
   * @throws IllegalArgumentException if a value is NaN or infinite, naming the first such row
   */
  public CosineRows(float[][] embeddings) {
    rows = embeddings.length;
    width = rows == 0 ? 0 : embeddings[0].length;
    unit = new double[rows][width];
    for (int i = 0; i < rows; i++) {
      normalise(embeddings[i], unit[i], i);
    }
    tiles = transpose();
  }

  CosineRows(double[] values, int rows, int width) {
    this.rows = rows;
    this.width = width;
    unit = new double[rows][width];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(values, i * width, unit[i], 0, width);
      normalise(unit[i], i);
    }
    tiles = transpose();
  }

  /** N. */
  public int rows() {
    return rows;
  }

  /** Visits every query, in parallel and in no particular order. */
  public void forEachQuery(Visitor visitor) {
    int blocks = (rows + QUERIES - 1) / QUERIES;
    IntStream.range(0, blocks).parallel().forEach(block -> visitBlock(block * QUERIES, visitor));
  }

  private void visitBlock(int from, Visitor visitor) {
    int count = Math.min(QUERIES, rows - from);
    double[][] sums = new double[count][rows];
    for (int t = 0; t < tiles.length; t++) {
      int columns = Math.min(TILE, rows - t * TILE);
      for (int q = 0; q < count; q++) {
        accumulate(unit[from + q], tiles[t], sums[q], t * TILE, columns);
      }
    }
    for (int q = 0; q < count; q++) {
      visitor.visit(from + q, sums[q]);
    }
  }

  private void accumulate(double[] query, double[] tile, double[] sums, int at, int columns) {
    for (int k = 0; k < width; k++) {
      double value = query[k];
      int row = k * columns;
      for (int j = 0; j < columns; j++) {
        sums[at + j] += value * tile[row + j];
      }
    }
  }

  private double[][] transpose() {
    double[][] all = new double[(rows + TILE - 1) / TILE][];
    for (int t = 0; t < all.length; t++) {
      int columns = Math.min(TILE, rows - t * TILE);
      double[] tile = new double[columns * width];
      for (int j = 0; j < columns; j++) {
        for (int k = 0; k < width; k++) {
          tile[k * columns + j] = unit[t * TILE + j][k];
        }
      }
      all[t] = tile;
    }
    return all;
  }

  private static void normalise(float[] row, double[] out, int index) {
    for (int k = 0; k < row.length; k++) {
      out[k] = row[k];
    }
    normalise(out, index);
  }

  private static void normalise(double[] row, int index) {
    double largest = 0;
    for (double value : row) {
      if (!Double.isFinite(value)) {
        throw new IllegalArgumentException("row " + index + " of the embeddings holds " + value);
      }
      largest = Math.max(largest, Math.abs(value));
    }
    if (largest == 0) {
      return;
    }
    // Scaled by a power of two, which is exact, so that squares neither overflow nor vanish.
    int exponent = Math.getExponent(largest);
    double squares = 0;
    for (int k = 0; k < row.length; k++) {
      row[k] = Math.scalb(row[k], -exponent);
      squares += row[k] * row[k];
    }
    double length = Math.sqrt(squares);
    for (int k = 0; k < row.length; k++) {
      row[k] /= length;
    }
  }
}
