package dev.tripoint.eval;

import dev.tripoint.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Labels of rows as numbers of their classes, which are in ascending order.
 *
 * @param classes the distinct labels; of one number each, or of more where labels are a matrix
 * @param classOf for each row its place in {@code classes}
 */
record Labels(List<long[]> classes, int[] classOf) {

  /**
   * Of a tensor, [N] or [N, L].
   *
   * @throws IllegalArgumentException if it is none of integers, or not one label for each row
   */
  static Labels of(Tensor labels, RowSource rows) {
    if (!labels.dtype().isIntegral() || labels.dim() < 1 || labels.dim() > 2) {
      throw new IllegalArgumentException(
          "labels must be integers of shape [N] or [N, L], but are %s of shape %s"
              .formatted(labels.dtype().torchName(), Arrays.toString(labels.sizes())));
    }
    requireOneEach(labels.size(0), rows);
    int width = labels.dim() == 1 ? 1 : Math.toIntExact(labels.size(1));
    return of(labels.toLongArray(), width, rows.rows());
  }

  /** Of one number for each row. */
  static Labels of(long[] labels, RowSource rows) {
    requireOneEach(labels.length, rows);
    return of(labels, 1, labels.length);
  }

  private static void requireOneEach(long labels, RowSource rows) {
    if (labels != rows.rows()) {
      throw new IllegalArgumentException(
          "%d rows of %s and %d labels".formatted(rows.rows(), rows.name(), labels));
    }
  }

  private static Labels of(long[] labels, int width, int rows) {
    TreeMap<long[], Integer> numbers = new TreeMap<>(Arrays::compare);
    long[][] each = new long[rows][];
    for (int i = 0; i < rows; i++) {
      each[i] = Arrays.copyOfRange(labels, i * width, (i + 1) * width);
      numbers.put(each[i], 0);
    }
    int count = 0;
    for (long[] label : numbers.keySet()) {
      numbers.put(label, count++);
    }
    return new Labels(
        List.copyOf(numbers.keySet()), Arrays.stream(each).mapToInt(numbers::get).toArray());
  }

  int rows() {
    return classOf.length;
  }

  /** The label of a row. */
  long[] label(int row) {
    return classes.get(classOf[row]);
  }

  /**
   * For each of these classes the rows of references that are relevant, ascending.
   *
   * @param comparison null for equal labels
   */
  int[][] relevant(Labels references, @Nullable LabelComparison comparison) {
    List<List<Integer>> rowsOf = new ArrayList<>();
    references.classes.forEach(_ -> rowsOf.add(new ArrayList<>()));
    for (int row = 0; row < references.rows(); row++) {
      rowsOf.get(references.classOf[row]).add(row);
    }
    int[][] relevant = new int[classes.size()][];
    for (int c = 0; c < relevant.length; c++) {
      List<Integer> rows = new ArrayList<>();
      for (int other : references.matching(classes.get(c), comparison)) {
        rows.addAll(rowsOf.get(other));
      }
      relevant[c] = rows.stream().mapToInt(Integer::intValue).sorted().toArray();
    }
    return relevant;
  }

  /** The classes that match a label. */
  private int[] matching(long[] label, @Nullable LabelComparison comparison) {
    if (comparison == null) {
      int found = Collections.binarySearch(classes, label, Arrays::compare);
      return found < 0 ? new int[0] : new int[] {found};
    }
    return IntStream.range(0, classes.size())
        .filter(c -> comparison.match(label.clone(), classes.get(c).clone()))
        .toArray();
  }
}
