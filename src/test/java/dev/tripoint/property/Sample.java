package dev.tripoint.property;

import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A batch in general position, in which nothing ties, beside as many references.
 *
 * @param seed what it was drawn by
 * @param rows [N][D]
 * @param labels [N], of three classes: 0, 1 and 2
 * @param refRows [N][D]
 * @param refLabels [N]
 */
record Sample(long seed, double[][] rows, long[] labels, double[][] refRows, long[] refLabels) {

  static final int CLASSES = 3;
  static final int COLUMNS = 3;

  static Sample of(long seed, int count) {
    Random random = new Random(seed * 7919 + 17);
    return new Sample(
        seed,
        rows(random, count),
        labels(random, count),
        rows(random, count),
        labels(random, count));
  }

  /** Three classes of two rows each, and a reference of each class beside others. */
  static Sample ofTwoViews(long seed) {
    Sample two = of(seed, 2 * CLASSES);
    long[] distinct = LongStream.range(0, two.size()).toArray();
    return new Sample(seed, two.rows, two.labels, two.refRows, distinct);
  }

  private static double[][] rows(Random random, int count) {
    double[][] rows = new double[count][COLUMNS];
    for (double[] row : rows) {
      Arrays.setAll(row, _ -> random.nextGaussian());
    }
    return rows;
  }

  /** Every class at least twice, in a random order. */
  private static long[] labels(Random random, int count) {
    long[] labels = new long[count];
    for (int i = 0; i < count; i++) {
      labels[i] = i < 2 * CLASSES ? i % CLASSES : random.nextInt(CLASSES);
    }
    for (int i = count - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      long label = labels[i];
      labels[i] = labels[j];
      labels[j] = label;
    }
    return labels;
  }

  int size() {
    return labels.length;
  }

  /** A random order of the rows. */
  int[] order(long salt) {
    List<Integer> order = new ArrayList<>(IntStream.range(0, size()).boxed().toList());
    Collections.shuffle(order, new Random(seed * 31 + salt));
    return order.stream().mapToInt(Integer::intValue).toArray();
  }

  /** Row i is row order[i] of this, and reference i is reference refOrder[i]. */
  Sample permuted(int[] order, int[] refOrder) {
    return new Sample(
        seed,
        Arrays.stream(order).mapToObj(i -> rows[i]).toArray(double[][]::new),
        Arrays.stream(order).mapToLong(i -> labels[i]).toArray(),
        Arrays.stream(refOrder).mapToObj(i -> refRows[i]).toArray(double[][]::new),
        Arrays.stream(refOrder).mapToLong(i -> refLabels[i]).toArray());
  }

  /** The rows twice, one after the other; the references as they are. */
  Sample twice() {
    int[] both = IntStream.range(0, 2 * size()).map(i -> i % size()).toArray();
    return permuted(both, both);
  }

  /** Every row times a factor of its own. */
  Sample scaled(IntToDoubleFunction factor) {
    return new Sample(seed, times(rows, factor), labels, times(refRows, factor), refLabels);
  }

  /** Every row plus the same. */
  Sample shifted(double by) {
    return new Sample(seed, each(rows, x -> x + by), labels, each(refRows, x -> x + by), refLabels);
  }

  /** Rows, then references, moved along a direction. */
  Sample moved(double[] direction, double step) {
    double[][] moved = each(rows, x -> x);
    double[][] refMoved = each(refRows, x -> x);
    for (int i = 0; i < size() * COLUMNS; i++) {
      moved[i / COLUMNS][i % COLUMNS] += step * direction[i];
      if (size() * COLUMNS + i < direction.length) {
        refMoved[i / COLUMNS][i % COLUMNS] += step * direction[size() * COLUMNS + i];
      }
    }
    return new Sample(seed, moved, labels, refMoved, refLabels);
  }

  private static double[][] times(double[][] rows, IntToDoubleFunction factor) {
    double[][] scaled = new double[rows.length][];
    Arrays.setAll(
        scaled, i -> Arrays.stream(rows[i]).map(x -> x * factor.applyAsDouble(i)).toArray());
    return scaled;
  }

  private static double[][] each(double[][] rows, DoubleUnaryOperator change) {
    return Arrays.stream(rows)
        .map(row -> Arrays.stream(row).map(change).toArray())
        .toArray(double[][]::new);
  }

  Tensor embeddings(DType dtype) {
    return tensor(rows, dtype);
  }

  Tensor references(DType dtype) {
    return tensor(refRows, dtype);
  }

  private static Tensor tensor(double[][] rows, DType dtype) {
    double[] flat = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    return Tensor.of(flat, rows.length, COLUMNS).to(dtype);
  }

  /** By labels. */
  Relation relation(boolean references) {
    return Relation.of(Tensor.of(labels, size()), references ? Tensor.of(refLabels, size()) : null);
  }

  /** By the mask that the labels make, and perhaps another of what is ignored. */
  Relation masks(boolean references, boolean @Nullable [] ignored) {
    long[] columns = references ? refLabels : labels;
    boolean[] positives = new boolean[size() * size()];
    for (int i = 0; i < positives.length; i++) {
      positives[i] = labels[i / size()] == columns[i % size()];
    }
    return Relation.ofMask(
        Tensor.of(positives, size(), size()),
        ignored == null ? null : Tensor.of(ignored, size(), size()));
  }
}
