package dev.tripoint.report;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;

/**
 * The two directions in which rows spread most.
 *
 * @param points each row's two coordinates, centred; [N][2]
 * @param kept share of the variance that the two hold, in [0, 1]
 */
record Pca(double[][] points, double kept) {
  private static final Op EIGH = Op.of("aten::linalg_eigh");

  /**
   * Of rows [N][D], in float64. Each direction's sign is such that its largest component is
   * positive.
   */
  static Pca of(float[][] rows) {
    int n = rows.length;
    int width = rows[0].length;
    double[] values = new double[n * width];
    double[] mean = new double[width];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < width; k++) {
        values[i * width + k] = rows[i][k];
        mean[k] += rows[i][k] / (double) n;
      }
    }
    for (int i = 0; i < values.length; i++) {
      values[i] -= mean[i % width];
    }
    double[] spreads;
    double[] directions;
    try (TensorScope _ = TensorScope.open()) {
      Tensor centred = Tensor.of(values, n, width).to(DType.FLOAT64);
      var parts = EIGH.call(centred.t().mm(centred), "L");
      spreads = ((Tensor) parts.get(0)).toDoubleArray();
      directions = ((Tensor) parts.get(1)).toDoubleArray();
    }
    double all = 0;
    for (double spread : spreads) {
      all += Math.max(0, spread);
    }
    int axes = Math.min(2, width);
    double[][] points = new double[n][2];
    double kept = 0;
    for (int axis = 0; axis < axes; axis++) {
      // Eigenvalues ascend: the last column spreads most.
      double[] direction = column(directions, width, width - 1 - axis);
      kept += Math.max(0, spreads[width - 1 - axis]);
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < width; k++) {
          points[i][axis] += values[i * width + k] * direction[k];
        }
      }
    }
    return new Pca(points, all == 0 ? 1 : kept / all);
  }

  private static double[] column(double[] matrix, int width, int column) {
    double[] out = new double[width];
    double largest = 0;
    for (int k = 0; k < width; k++) {
      out[k] = matrix[k * width + column];
      largest = Math.abs(out[k]) > Math.abs(largest) ? out[k] : largest;
    }
    if (largest < 0) {
      for (int k = 0; k < width; k++) {
        out[k] = -out[k];
      }
    }
    return out;
  }
}
