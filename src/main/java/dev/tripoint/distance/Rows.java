package dev.tripoint.distance;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Arrays;
import java.util.function.BinaryOperator;

/**
 * What the distances share: checks, normalisation, the power, and one scope for the temporaries.
 */
final class Rows {

  /**
   * Below this norm a row is divided by this instead, as {@code torch.nn.functional.normalize}
   * does.
   */
  private static final double SMALLEST_NORM = 1e-12;

  private static final Op VECTOR_NORM = Op.of("aten::linalg_vector_norm");

  private Rows() {}

  /**
   * Checks both sides, normalises them where asked, measures, raises to the power, keeps the result
   * alone.
   */
  static Tensor measure(
      Tensor query,
      Tensor ref,
      boolean normalize,
      double p,
      double power,
      BinaryOperator<Tensor> measure) {
    requireMatrices(query, ref);
    try (TensorScope scope = TensorScope.open()) {
      Tensor left = normalize ? normalize(query, p) : query;
      Tensor right = ref.equals(query) ? left : normalize ? normalize(ref, p) : ref;
      Tensor result = measure.apply(left, right);
      return scope.keep(power == 1 ? result : result.pow(power));
    }
  }

  /** Dot products, row by row. */
  static Tensor products(Tensor query, Tensor ref) {
    requireSameRows(query, ref);
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(query.mul(ref).sum(1));
    }
  }

  private static Tensor normalize(Tensor rows, double p) {
    return rows.div(
        VECTOR_NORM.callTensor(rows, p, new long[] {1}, true, null).clampMin(SMALLEST_NORM));
  }

  static void requireMatrices(Tensor query, Tensor ref) {
    requireMatrix("query", query);
    requireMatrix("ref", ref);
    if (query.size(1) != ref.size(1)) {
      throw new IllegalArgumentException(
          "query and ref must have rows of one length, but have %d and %d columns"
              .formatted(query.size(1), ref.size(1)));
    }
    if (query.dtype() != ref.dtype()) {
      throw new IllegalArgumentException(
          "query and ref must have one dtype, but have %s and %s"
              .formatted(query.dtype().torchName(), ref.dtype().torchName()));
    }
  }

  static void requireSameRows(Tensor query, Tensor ref) {
    requireMatrices(query, ref);
    if (query.size(0) != ref.size(0)) {
      throw new IllegalArgumentException(
          "row by row needs as many rows on both sides, but there are %d and %d"
              .formatted(query.size(0), ref.size(0)));
    }
  }

  static void requireNorm(double p, double power) {
    if (!(p >= 0)) {
      throw new IllegalArgumentException("p must be 0 or more, but is " + p);
    }
    if (Double.isNaN(power)) {
      throw new IllegalArgumentException("power must be a number, but is NaN");
    }
  }

  static boolean isHalf(Tensor t) {
    return t.dtype() == DType.FLOAT16 || t.dtype() == DType.BFLOAT16;
  }

  /** In float32 where it is of half precision, whose range squares and quotients leave. */
  static Tensor wide(Tensor t) {
    return isHalf(t) ? t.to(DType.FLOAT32) : t;
  }

  private static void requireMatrix(String name, Tensor t) {
    if (t.dim() != 2 || !t.dtype().isFloatingPoint()) {
      throw new IllegalArgumentException(
          "%s must be floats of shape [rows, columns], but is %s of shape %s"
              .formatted(name, t.dtype().torchName(), Arrays.toString(t.sizes())));
    }
  }
}
