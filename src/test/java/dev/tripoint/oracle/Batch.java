package dev.tripoint.oracle;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import java.util.Arrays;
import java.util.Random;

/** A random batch. Its numbers are held exactly in float32, so both precisions see the same. */
record Batch(long seed, Kind kind, double[][] rows, long[] labels) {

  enum Kind {
    RAGGED,
    ONE_CLASS,
    SINGLETONS,
    /** Small whole numbers: ties and zero distances that are exact in any precision. */
    TIES,
    DUPLICATES,
    COLLAPSED,
    TWO_ROWS,
    ONE_ROW
  }

  /** The batch of a seed; its kind follows from it, so that a range of seeds has all kinds. */
  static Batch of(long seed) {
    Kind kind = Kind.values()[(int) (seed % Kind.values().length)];
    Random random = new Random(seed * 7919 + 13);
    int n =
        switch (kind) {
          case ONE_ROW -> 1;
          case TWO_ROWS -> 2;
          default -> 2 + random.nextInt(18);
        };
    int classes =
        switch (kind) {
          case ONE_CLASS -> 1;
          default -> 1 + random.nextInt(6);
        };
    int columns = 1 + random.nextInt(7);
    boolean whole = kind == Kind.TIES || kind == Kind.DUPLICATES || kind == Kind.COLLAPSED;
    double[][] rows = new double[n][columns];
    long[] labels = new long[n];
    for (int i = 0; i < n; i++) {
      labels[i] = kind == Kind.SINGLETONS ? 3L * i : random.nextInt(classes) * 5L - 2;
      for (int k = 0; k < columns; k++) {
        rows[i][k] = whole ? random.nextInt(5) - 2 : (float) random.nextGaussian();
      }
      boolean copies =
          kind == Kind.COLLAPSED || (kind == Kind.DUPLICATES && random.nextInt(3) == 0);
      if (copies && i > 0) {
        rows[i] = rows[kind == Kind.COLLAPSED ? 0 : random.nextInt(i)].clone();
      }
    }
    return new Batch(seed, kind, rows, labels);
  }

  /** A large one of many classes. */
  static Batch large(long seed, int n, int columns, int classes) {
    Random random = new Random(seed);
    double[][] rows = new double[n][columns];
    long[] labels = new long[n];
    for (int i = 0; i < n; i++) {
      labels[i] = random.nextInt(classes);
      for (int k = 0; k < columns; k++) {
        rows[i][k] = (float) random.nextGaussian();
      }
    }
    return new Batch(seed, Kind.RAGGED, rows, labels);
  }

  /** Whether all values are small whole numbers. */
  boolean whole() {
    return kind == Kind.TIES || kind == Kind.DUPLICATES || kind == Kind.COLLAPSED;
  }

  int size() {
    return labels.length;
  }

  int columns() {
    return rows[0].length;
  }

  /** The rows as a tensor that wants a gradient. */
  Tensor leaf(DType dtype) {
    double[] flat = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    return Tensor.of(flat, size(), columns()).to(dtype).requiresGrad(true);
  }

  Tensor labelTensor() {
    return Tensor.of(labels, size());
  }

  @Override
  public String toString() {
    return "seed %d, %s, %d x %d".formatted(seed, kind, size(), columns());
  }
}
