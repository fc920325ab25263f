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

  static Tiles of(RowSource source) {
    Tiles all = new Tiles(source.rows(), source.width());
    for (int t = 0; t < all.tiles.length; t++) {
      all.tiles[t] = all.transposed(source.reader().read(t * TILE, all.size(t)), all.size(t));
    }
    return all;
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
}
