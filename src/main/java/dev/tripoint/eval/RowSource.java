package dev.tripoint.eval;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Arrays;

/**
 * A matrix to be read in blocks of rows.
 *
 * @param rows how many there are
 * @param width numbers in each
 * @param name what it is called in messages, in the plural
 * @param reader gives some of the rows
 */
record RowSource(int rows, int width, String name, Reader reader) {

  /** Reads rows. */
  @FunctionalInterface
  interface Reader {
    /** Rows {@code from} to {@code from + count}, one after the other; a new array. */
    double[] read(int from, int count);
  }

  /**
   * Of a tensor.
   *
   * @throws IllegalArgumentException if it is no matrix of floats
   */
  static RowSource of(String name, Tensor matrix) {
    if (matrix.dim() != 2 || !matrix.dtype().isFloatingPoint()) {
      throw new IllegalArgumentException(
          "%s must be floats of shape [rows, columns], but are %s of shape %s"
              .formatted(name, matrix.dtype().torchName(), Arrays.toString(matrix.sizes())));
    }
    return new RowSource(
        Math.toIntExact(matrix.size(0)),
        Math.toIntExact(matrix.size(1)),
        name,
        (from, count) -> {
          try (TensorScope _ = TensorScope.open()) {
            return matrix.narrow(0, from, count).toDoubleArray();
          }
        });
  }

  /** Of an array of rows. */
  static RowSource of(String name, float[][] matrix) {
    int width = matrix.length == 0 ? 0 : matrix[0].length;
    return new RowSource(
        matrix.length,
        width,
        name,
        (from, count) -> {
          double[] block = new double[count * width];
          for (int i = 0; i < block.length; i++) {
            block[i] = matrix[from + i / width][i % width];
          }
          return block;
        });
  }

  /** Of an array of rows. */
  static RowSource of(String name, double[][] matrix) {
    int width = matrix.length == 0 ? 0 : matrix[0].length;
    return new RowSource(
        matrix.length,
        width,
        name,
        (from, count) -> {
          double[] block = new double[count * width];
          for (int i = 0; i < count; i++) {
            System.arraycopy(matrix[from + i], 0, block, i * width, width);
          }
          return block;
        });
  }

  /** All rows, [rows][width]. */
  double[][] toArray() {
    double[][] all = new double[rows][];
    for (int from = 0; from < rows; from += Tiles.TILE) {
      int count = Math.min(Tiles.TILE, rows - from);
      double[] block = reader.read(from, count);
      for (int i = 0; i < count; i++) {
        all[from + i] = Arrays.copyOfRange(block, i * width, (i + 1) * width);
      }
    }
    return all;
  }

  /** Refuses rows of another length. */
  void requireSameWidth(RowSource other) {
    if (width != other.width) {
      throw new IllegalArgumentException(
          "%s have rows of %d numbers, but %s have rows of %d"
              .formatted(name, width, other.name, other.width));
    }
  }
}
