package dev.tripoint.data;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Row indices in batches of m rows per class, as pytorch-metric-learning's {@code MPerClassSampler}
 * gives them: for each batch the classes are shuffled, the first {@code batchSize / m} are taken,
 * and of each m rows are drawn without replacement, or with, where the class has fewer than m. The
 * same generator state gives the same indices (not Python's: the generator is Java's). Not safe for
 * use by several threads at once.
 */
public final class MPerClassSampler {
  private final int m;
  private final int batchSize;
  private final int batches;
  private final Random random;
  private final List<int[]> classes;

  /**
   * Batches of a given size.
   *
   * @param labels one a row
   * @param m rows per class in a batch, from 1
   * @param batchSize rows in a batch; a multiple of m, at most m × the number of classes
   * @param lengthBeforeNewIter indices in one pass, at least one batch; rounded down to whole
   *     batches
   * @param random where the choices come from; its state goes on from pass to pass
   * @throws IllegalArgumentException if a condition above does not hold
   */
  public MPerClassSampler(
      long[] labels, int m, int batchSize, int lengthBeforeNewIter, Random random) {
    require(m > 0, "m", m, "at least 1");
    this.m = m;
    this.random = random;
    this.classes = byClass(labels);
    this.batchSize = batchSize;
    int single = Math.multiplyExact(m, classes.size());
    require(batchSize > 0 && batchSize % m == 0, "batchSize", batchSize, "a multiple of m, " + m);
    require(
        batchSize <= single,
        "batchSize",
        batchSize,
        "at most m × the number of classes, " + single);
    require(
        lengthBeforeNewIter >= batchSize,
        "lengthBeforeNewIter",
        lengthBeforeNewIter,
        "at least batchSize, " + batchSize);
    this.batches = lengthBeforeNewIter / batchSize;
  }

  /**
   * Batches of m rows of every class; a pass has at least one, however short {@code
   * lengthBeforeNewIter} is.
   */
  public static MPerClassSampler ofAllClasses(
      long[] labels, int m, int lengthBeforeNewIter, Random random) {
    int single = Math.multiplyExact(m, byClass(labels).size());
    return new MPerClassSampler(labels, m, single, Math.max(single, lengthBeforeNewIter), random);
  }

  /** Indices in one pass. */
  public int length() {
    return batches * batchSize;
  }

  /** The batches of the next pass, each with {@code batchSize} row indices, class by class. */
  public List<int[]> nextPass() {
    List<int[]> pass = new ArrayList<>(batches);
    for (int b = 0; b < batches; b++) {
      Collections.shuffle(classes, random);
      int[] batch = new int[batchSize];
      for (int c = 0; c < batchSize / m; c++) {
        draw(classes.get(c), batch, c * m);
      }
      pass.add(batch);
    }
    return pass;
  }

  private void draw(int[] rows, int[] batch, int from) {
    if (rows.length < m) {
      for (int i = 0; i < m; i++) {
        batch[from + i] = rows[random.nextInt(rows.length)];
      }
      return;
    }
    // A shuffle's first m steps, in place: which order the class's rows are left in does not
    // matter.
    for (int i = 0; i < m; i++) {
      int j = i + random.nextInt(rows.length - i);
      int row = rows[j];
      rows[j] = rows[i];
      rows[i] = row;
      batch[from + i] = row;
    }
  }

  private static List<int[]> byClass(long[] labels) {
    Map<Long, List<Integer>> rows = new TreeMap<>();
    for (int i = 0; i < labels.length; i++) {
      rows.computeIfAbsent(labels[i], _ -> new ArrayList<>()).add(i);
    }
    List<int[]> classes = new ArrayList<>();
    rows.values().forEach(r -> classes.add(r.stream().mapToInt(Integer::intValue).toArray()));
    return classes;
  }

  private static void require(boolean holds, String name, int found, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + " is " + found + ", expected " + expected);
    }
  }
}
