package dev.tripoint.bench.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** A small batch, and whether DJL's numbers for it are those of a plain computation. */
final class Check {
  private static final int ROWS = 30;
  private static final int WIDTH = 5;
  private static final int CLASSES = 7;
  private static final double STEP = 1e-5;
  private static final double TOLERANCE = 2e-4;

  private Check() {}

  /** Floats, whose values double precision holds too. */
  static double[][] rows(long seed) {
    var random = new Random(seed);
    double[][] rows = new double[ROWS][WIDTH];
    for (double[] row : rows) {
      Arrays.setAll(row, k -> (float) random.nextGaussian());
    }
    return rows;
  }

  /** Some rows a class, and a row with a class of its own. */
  static long[] labels() {
    long[] labels = new long[ROWS];
    Arrays.setAll(labels, i -> i == 0 ? CLASSES : i % CLASSES);
    return labels;
  }

  static NDArray matrix(NDManager manager, double[][] rows) {
    double[] values = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    return manager
        .create(values, new Shape(rows.length, rows[0].length))
        .toType(DataType.FLOAT32, false);
  }

  /** Throws unless a loss has the value of the plain one and the slope of its differences. */
  static void loss(NDManager manager, LossCase checked) {
    long[] labels = labels();
    List<double[][]> rows = checked.inputs().stream().map(name -> rows(name.length())).toList();
    NDList matrices = new NDList(rows.stream().map(each -> matrix(manager, each)).toList());
    NDList found = checked.step(manager, matrices, manager.create(labels));
    double value = checked.plain().of(rows, labels);
    same("the loss", found.get(0).reshape(1, 1), new double[][] {{value}});
    for (int m = 0; m < rows.size(); m++) {
      double[][] matrix = rows.get(m);
      double[][] slopes = new double[matrix.length][WIDTH];
      for (int i = 0; i < matrix.length; i++) {
        for (int k = 0; k < WIDTH; k++) {
          double middle = matrix[i][k];
          matrix[i][k] = middle + STEP;
          double above = checked.plain().of(rows, labels);
          matrix[i][k] = middle - STEP;
          double below = checked.plain().of(rows, labels);
          matrix[i][k] = middle;
          slopes[i][k] = (above - below) / (2 * STEP);
        }
      }
      same("the gradient", found.get(1 + m), slopes);
    }
  }

  static void same(String what, NDArray found, double[][] expected) {
    Number[] values = found.toArray();
    int width = expected[0].length;
    if (values.length != expected.length * width) {
      throw new IllegalStateException("%s has the shape %s".formatted(what, found.getShape()));
    }
    for (int i = 0; i < values.length; i++) {
      double value = values[i].doubleValue();
      double plain = expected[i / width][i % width];
      if (!(Math.abs(value - plain) <= TOLERANCE * Math.max(1, Math.abs(plain)))) {
        throw new IllegalStateException(
            "%s is %s at [%d, %d] of a small batch, computed plainly %s"
                .formatted(what, value, i / width, i % width, plain));
      }
    }
  }
}
