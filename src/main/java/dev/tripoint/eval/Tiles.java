package dev.tripoint.eval;

/**
 * A matrix in float64, in tiles of neighbouring rows, each transposed, so that the inner loops of
 * {@link RowScores} run over neighbouring numbers.
 */
final class Tiles {
  static final int TILE = 256;

  private final int rows;
  private final int width;

  /** [tile][k * (rows in the tile) + row in the tile]. */
  private final double[][] tiles;

  private Tiles(int rows, int width) {
    this.rows = rows;
    this.width = width;
    this.tiles = new double[(rows + TILE - 1) / TILE][];
  }

  /** The rows divided by their norms; a row of zeros stays. */
  static Tiles unit(RowSource source) {
    Tiles all = new Tiles(source.rows(), source.width());
    for (int t = 0; t < all.tiles.length; t++) {
      double[] block = source.reader().read(t * TILE, all.size(t));
      for (int i = 0; i < all.size(t); i++) {
        normalise(source, t * TILE + i, block, i * all.width);
      }
      all.tiles[t] = all.transposed(block, all.size(t));
    }
    return all;
  }

  /** The rows times a power of two, which is exact. */
  static Tiles scaled(RowSource source, int exponent) {
    Tiles all = new Tiles(source.rows(), source.width());
    for (int t = 0; t < all.tiles.length; t++) {
      double[] block = source.reader().read(t * TILE, all.size(t));
      for (int i = 0; i < block.length; i++) {
        block[i] = Math.scalb(block[i], exponent);
      }
      all.tiles[t] = all.transposed(block, all.size(t));
    }
    return all;
  }

  /**
   * The power of two that brings the largest number of a matrix to 1 or a little more, so that
   * squares neither overflow nor vanish.
   *
   * @throws IllegalArgumentException if a value is NaN or infinite, naming the first such row
   */
  static int exponent(RowSource source) {
    double largest = Double.MIN_NORMAL;
    for (int from = 0; from < source.rows(); from += TILE) {
      int count = Math.min(TILE, source.rows() - from);
      double[] block = source.reader().read(from, count);
      for (int i = 0; i < block.length; i++) {
        largest = Math.max(largest, magnitude(source, from + i / source.width(), block[i]));
      }
    }
    return -Math.getExponent(largest);
  }

  int rows() {
    return rows;
  }

  int width() {
    return width;
  }

  /** How many tiles there are. */
  int count() {
    return tiles.length;
  }

  /** How many rows a tile has. */
  int size(int tile) {
    return Math.min(TILE, rows - tile * TILE);
  }

  /** A tile, [k * size + row]; not to be changed. */
  double[] tile(int tile) {
    return tiles[tile];
  }

  /** One row; a copy. */
  double[] row(int index) {
    int size = size(index / TILE);
    double[] tile = tiles[index / TILE];
    double[] row = new double[width];
    for (int k = 0; k < width; k++) {
      row[k] = tile[k * size + index % TILE];
    }
    return row;
  }

  private double[] transposed(double[] block, int size) {
    double[] tile = new double[block.length];
    for (int i = 0; i < size; i++) {
      for (int k = 0; k < width; k++) {
        tile[k * size + i] = block[i * width + k];
      }
    }
    return tile;
  }

  private static void normalise(RowSource source, int index, double[] block, int from) {
    double largest = 0;
    for (int k = from; k < from + source.width(); k++) {
      largest = Math.max(largest, magnitude(source, index, block[k]));
    }
    if (largest == 0) {
      return;
    }
    int exponent = -Math.getExponent(largest);
    double squares = 0;
    for (int k = from; k < from + source.width(); k++) {
      block[k] = Math.scalb(block[k], exponent);
      squares += block[k] * block[k];
    }
    double length = Math.sqrt(squares);
    for (int k = from; k < from + source.width(); k++) {
      block[k] /= length;
    }
  }

  private static double magnitude(RowSource source, int index, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(
          "row %d of the %s holds %s".formatted(index, source.name(), value));
    }
    return Math.abs(value);
  }
}
