package dev.tripoint.cli;

import dev.tripoint.data.ArrayFiles;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.Arrays;

/**
 * An array that the user named, checked and ready to compute with.
 *
 * @param option the option that named it
 * @param file how it was named
 * @param stored the element type of the file
 * @param tensor its values in the type that is computed with
 */
record Input(String option, String file, DType stored, Tensor tensor) {

  /**
   * A matrix of finite numbers with at least one row and column: embeddings or scores. Whole
   * numbers become float32, and half precision is computed in float32.
   *
   * @param noun what it is called in messages
   */
  static Input matrix(String option, String file, String noun) {
    return numbers(option, file, noun, read(option, file), 2);
  }

  /** A matrix like {@link #matrix}, computed in the type of another one. */
  static Input matrixLike(Input first, String option, String file, String noun) {
    Input input = matrix(option, file, noun);
    return input.tensor.dtype() == first.tensor.dtype()
        ? input
        : new Input(option, file, input.stored, input.tensor.to(first.tensor.dtype()));
  }

  /** A loss's own weights, a list or a matrix, computed in the type of another input. */
  static Input weights(Input first, String option, String file) {
    Tensor array = read(option, file);
    Input input = numbers(option, file, "weights", array, array.dim() == 1 ? 1 : 2);
    return new Input(option, file, input.stored, input.tensor.to(first.tensor.dtype()));
  }

  private static Input numbers(
      String option, String file, String noun, Tensor array, int dimensions) {
    DType stored = array.dtype();
    if (!stored.isFloatingPoint() && !stored.isIntegral()) {
      throw new UsageException(
          "%s: %s must be numbers, not %s (%s)", file, noun, stored.torchName(), option);
    }
    if (array.dim() != dimensions) {
      throw new UsageException(
          "%s: %s must be a matrix of 2 dimensions, and this array has %s (%s)",
          file, noun, shape(array), option);
    }
    if (array.numel() == 0) {
      throw new UsageException(
          "%s: %s are empty, their shape is %s (%s)", file, noun, shape(array), option);
    }
    DType computed = stored == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    Tensor values = stored == computed ? array : array.to(computed);
    requireFinite(file, noun, dimensions == 2 ? array : array.reshape(-1, 1));
    return new Input(option, file, stored, values);
  }

  /** Labels as int64, one for each row of {@code rows}. */
  static Input labels(String option, String file, Input rows) {
    Tensor array = read(option, file);
    if (!array.dtype().isIntegral()) {
      throw new UsageException(
          "%s: labels must be of an integer type, not %s (%s)",
          file, array.dtype().torchName(), option);
    }
    requireOneEach(option, file, array, "labels", rows);
    return new Input(option, file, array.dtype(), array.to(DType.INT64));
  }

  /** Numbers, one for each row of {@code rows}, in the type of its values. */
  static Input targets(String option, String file, Input rows) {
    Tensor array = read(option, file);
    requireOneEach(option, file, array, "targets", rows);
    if (array.dtype().isFloatingPoint()) {
      requireFinite(file, "targets", array.reshape(-1, 1));
    }
    return new Input(option, file, array.dtype(), array.to(rows.tensor.dtype()));
  }

  /**
   * A mask: bool, or whole numbers that are all 0 or 1.
   *
   * @param rows its shape, with {@code columns}
   * @param like what has that shape, for the message
   */
  static Input mask(String option, String file, long rows, long columns, String like) {
    Tensor array = read(option, file);
    if (array.dtype() != DType.BOOL && !array.dtype().isIntegral()) {
      throw new UsageException(
          "%s: a mask must be of type bool, not %s (%s)", file, array.dtype().torchName(), option);
    }
    if (!Arrays.equals(array.sizes(), new long[] {rows, columns})) {
      throw new UsageException(
          "%s: the mask of %s is %s, but %s are shape [%d, %d]; the shapes must be equal",
          file, option, shape(array), like, rows, columns);
    }
    return new Input(option, file, array.dtype(), bool(option, file, array, "a mask"));
  }

  /** A set of labels for each row of {@code rows}: bool, [N, C]. */
  static Input labelSets(String option, String file, Input rows) {
    Tensor array = read(option, file);
    if (array.dim() != 2 || !(array.dtype() == DType.BOOL || array.dtype().isIntegral())) {
      throw new UsageException(
          "%s: label sets must be a matrix of type bool, not %s of %s (%s)",
          file, array.dtype().torchName(), shape(array), option);
    }
    if (array.size(0) != rows.tensor.size(0)) {
      throw new UsageException(
          "%s has %d label sets, but %s has %d rows; there must be one for each row (%s, %s)",
          file, array.size(0), rows.file, rows.tensor.size(0), option, rows.option);
    }
    return new Input(option, file, array.dtype(), bool(option, file, array, "label sets"));
  }

  private static Tensor bool(String option, String file, Tensor array, String noun) {
    if (array.dtype() == DType.BOOL) {
      return array;
    }
    if (!array.eq(0).logicalOr(array.eq(1)).all().itemBoolean()) {
      throw new UsageException(
          "%s: %s must be of type bool, and this one of %s holds other numbers than 0 and 1 (%s)",
          file, noun, array.dtype().torchName(), option);
    }
    return array.to(DType.BOOL);
  }

  /** The same values in memory of their own. */
  Input copied() {
    return new Input(option, file, stored, Torch.zerosLike(tensor).copy_(tensor));
  }

  /** Refuses rows of another length than those of {@code other}. */
  void requireSameWidth(Input other) {
    if (tensor.size(1) != other.tensor.size(1)) {
      throw new UsageException(
          "%s has rows of %d numbers, but %s has rows of %d; they must be equal (%s, %s)",
          file, tensor.size(1), other.file, other.tensor.size(1), option, other.option);
    }
  }

  /** Refuses another shape than that of {@code other}. */
  void requireSameShape(Input other) {
    if (!Arrays.equals(tensor.sizes(), other.tensor.sizes())) {
      throw new UsageException(
          "%s is %s, but %s is %s; the shapes must be equal (%s, %s)",
          file, shape(tensor), other.file, shape(other.tensor), option, other.option);
    }
  }

  /**
   * The gradient that was collected, in the file's type; zeros where nothing depends on the input.
   */
  Tensor gradient() {
    Tensor gradient = tensor.grad();
    Tensor values = gradient == null ? Torch.zerosLike(tensor.detach()) : gradient;
    return stored.isFloatingPoint() ? values.to(stored) : values;
  }

  private static Tensor read(String option, String file) {
    if (file.isBlank()) {
      throw new UsageException("%s needs the name of a file", option);
    }
    return ArrayFiles.read(file);
  }

  private static void requireOneEach(
      String option, String file, Tensor array, String noun, Input rows) {
    long count = rows.tensor.size(0);
    if (array.dim() != 1) {
      throw new UsageException(
          "%s: %s must be a list of 1 dimension, and this array has %s (%s)",
          file, noun, shape(array), option);
    }
    if (array.size(0) != count) {
      throw new UsageException(
          "%s has %d %s, but %s has %d rows; there must be one for each row (%s, %s)",
          file, array.size(0), noun, rows.file, count, option, rows.option);
    }
  }

  private static void requireFinite(String file, String noun, Tensor matrix) {
    if (!matrix.dtype().isFloatingPoint()) {
      return;
    }
    Tensor finite = matrix.isfinite().all(1, false);
    if (finite.all().itemBoolean()) {
      return;
    }
    boolean[] rows = finite.toBooleanArray();
    int row = 0;
    while (rows[row]) {
      row++;
    }
    boolean nan = matrix.select(0, row).isnan().any().itemBoolean();
    throw new UsageException(
        "%s: row %d (from 0) holds %s, but %s must be finite numbers",
        file, row, nan ? "NaN" : "an infinity", noun);
  }

  private static String shape(Tensor array) {
    return array.dim() == 0 ? "none" : "shape " + Arrays.toString(array.sizes());
  }
}
