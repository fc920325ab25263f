package dev.tripoint.eval;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.lang.foreign.MemorySegment;
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
  private static final int BLOCK = 256;

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
    for (int from = 0; from < rows; from += BLOCK) {
      int count = Math.min(BLOCK, rows - from);
      double[] block = reader.read(from, count);
      for (int i = 0; i < count; i++) {
        all[from + i] = Arrays.copyOfRange(block, i * width, (i + 1) * width);
      }
    }
    return all;
  }

  /**
   * The rows divided by their norms; a row of zeros stays. Reading throws an {@link
   * IllegalArgumentException} if a value is NaN or infinite, naming the first such row.
   */
  RowSource unit() {
    return changed((from, block) -> {
      for (int i = 0; i < block.length; i += width) {
        normalise(from + i / width, block, i);
      }
    });
  }

  /** The rows times a power of two, which is exact. */
  RowSource scaled(int exponent) {
    return changed((_, block) -> {
      for (int i = 0; i < block.length; i++) {
        block[i] = Math.scalb(block[i], exponent);
      }
    });
  }

  /**
   * The power of two that brings the largest number to 1 or a little more, so that squares neither
   * overflow nor vanish.
   *
   * @throws IllegalArgumentException if a value is NaN or infinite, naming the first such row
   */
  int exponent() {
    double largest = Double.MIN_NORMAL;
    for (int from = 0; from < rows; from += BLOCK) {
      double[] block = reader.read(from, Math.min(BLOCK, rows - from));
      for (int i = 0; i < block.length; i++) {
        largest = Math.max(largest, magnitude(from + i / width, block[i]));
      }
    }
    return -Math.getExponent(largest);
  }

  /** All rows in float64. */
  Tensor toTensor() {
    Tensor all = Torch.empty(DType.FLOAT64, rows, width);
    try (TensorScope _ = TensorScope.open()) {
      MemorySegment memory = all.segment();
      for (int from = 0; from < rows; from += BLOCK) {
        double[] block = reader.read(from, Math.min(BLOCK, rows - from));
        MemorySegment.copy(
            block, 0, memory, JAVA_DOUBLE, (long) from * width * Double.BYTES, block.length);
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

  private interface Change {
    void apply(int from, double[] block);
  }

  private RowSource changed(Change change) {
    return new RowSource(
        rows,
        width,
        name,
        (from, count) -> {
          double[] block = reader.read(from, count);
          change.apply(from, block);
          return block;
        });
  }

  private void normalise(int row, double[] block, int from) {
    double largest = 0;
    for (int k = from; k < from + width; k++) {
      largest = Math.max(largest, magnitude(row, block[k]));
    }
    if (largest == 0) {
      return;
    }
    int exponent = -Math.getExponent(largest);
    double squares = 0;
    for (int k = from; k < from + width; k++) {
      block[k] = Math.scalb(block[k], exponent);
      squares += block[k] * block[k];
    }
    double length = Math.sqrt(squares);
    for (int k = from; k < from + width; k++) {
      block[k] /= length;
    }
  }

  private double magnitude(int row, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException("row %d of the %s holds %s".formatted(row, name, value));
    }
    return Math.abs(value);
  }
}
