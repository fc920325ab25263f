package dev.tripoint.eval;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * How much two groupings of the same rows tell of each other: {@code normalized_mutual_info_score}
 * and {@code adjusted_mutual_info_score} of scikit-learn 1.9, with its arithmetic mean of the
 * entropies.
 *
 * <p>Groupings that are the same but for the names of the groups have 1, and so have two without
 * rows; where one has a single group and the other has not, it is 0. Of two groupings into single
 * rows scikit-learn's adjusted score is a quotient of rounding errors; here it is 1 like that of
 * any equal ones.
 */
public final class MutualInformation {
  private static final double EPSILON = Math.ulp(1.0);

  private final long rows;
  private final long[] first;
  private final long[] second;

  /** {group of the first, group of the second, rows in both}. */
  private final long[][] cells;

  private MutualInformation(long rows, long[] first, long[] second, long[][] cells) {
    this.rows = rows;
    this.first = first;
    this.second = second;
    this.cells = cells;
  }

  /**
   * Between two groupings.
   *
   * @param labels the group of each row; any numbers
   * @param clusters likewise, as many
   */
  public static MutualInformation of(long[] labels, long[] clusters) {
    if (labels.length != clusters.length) {
      throw new IllegalArgumentException(
          "%d labels and %d clusters".formatted(labels.length, clusters.length));
    }
    Map<Long, Integer> firstNumbers = numbers(labels);
    Map<Long, Integer> secondNumbers = numbers(clusters);
    long[] first = new long[firstNumbers.size()];
    long[] second = new long[secondNumbers.size()];
    TreeMap<Long, Long> both = new TreeMap<>();
    for (int i = 0; i < labels.length; i++) {
      int row = firstNumbers.get(labels[i]);
      int column = secondNumbers.get(clusters[i]);
      first[row]++;
      second[column]++;
      both.merge((long) row * second.length + column, 1L, Long::sum);
    }
    long[][] cells =
        both.entrySet().stream()
            .map(e ->
                new long[] {e.getKey() / second.length, e.getKey() % second.length, e.getValue()})
            .toArray(long[][]::new);
    return new MutualInformation(labels.length, first, second, cells);
  }

  /** The mutual information over the mean of the entropies. */
  public double normalized() {
    if (isSame()) {
      return 1;
    }
    double information = information();
    return information == 0 ? 0 : information / meanEntropy();
  }

  /** The same less what chance gives groups of these sizes. */
  public double adjusted() {
    if (isSame()) {
      return 1;
    }
    if (first.length == 1 || second.length == 1) {
      return 0;
    }
    double chance = expectedInformation();
    return awayFromZero(information() - chance) / awayFromZero(meanEntropy() - chance);
  }

  /** Whether each group is one of the other's; then there is one cell in each row and column. */
  private boolean isSame() {
    return cells.length == first.length && cells.length == second.length;
  }

  private double information() {
    if (first.length == 1 || second.length == 1) {
      return 0;
    }
    double sum = 0;
    for (long[] cell : cells) {
      double share = (double) cell[2] / rows;
      double product = Math.log((double) first[(int) cell[0]] * second[(int) cell[1]]);
      double term =
          share * (Math.log(cell[2]) - Math.log(rows)) + share * (2 * Math.log(rows) - product);
      sum += Math.abs(term) < EPSILON ? 0 : term;
    }
    return Math.max(0, sum);
  }

  private double meanEntropy() {
    return (entropy(first) + entropy(second)) / 2;
  }

  private double entropy(long[] sizes) {
    double sum = 0;
    for (long size : sizes) {
      sum -= (double) size / rows * (Math.log(size) - Math.log(rows));
    }
    return sum;
  }

  /**
   * The mean of the information over all ways to fill groups of these sizes: Vinh, Epps and Bailey,
   * equation 24a. Groups of equal sizes count alike and are added up once.
   */
  private double expectedInformation() {
    double[] factorials = logFactorials();
    int n = (int) rows;
    double sum = 0;
    for (var a : sizes(first).entrySet()) {
      for (var b : sizes(second).entrySet()) {
        int x = a.getKey();
        int y = b.getKey();
        double outer =
            factorials[x] + factorials[y] + factorials[n - x] + factorials[n - y] - factorials[n];
        double logs = Math.log(rows) - Math.log(x) - Math.log(y);
        double cell = 0;
        for (int both = Math.max(1, x - n + y); both <= Math.min(x, y); both++) {
          double chance =
              Math.exp(
                  outer
                      - factorials[both]
                      - factorials[x - both]
                      - factorials[y - both]
                      - factorials[n - x - y + both]);
          cell += (double) both / rows * (logs + Math.log(both)) * chance;
        }
        sum += cell * a.getValue() * b.getValue();
      }
    }
    return sum;
  }

  /** ln(0!) to ln(n!), added up with what rounding took. */
  private double[] logFactorials() {
    double[] logs = new double[(int) rows + 1];
    double lost = 0;
    for (int i = 2; i < logs.length; i++) {
      double term = Math.log(i) - lost;
      logs[i] = logs[i - 1] + term;
      lost = (logs[i] - logs[i - 1]) - term;
    }
    return logs;
  }

  private static double awayFromZero(double value) {
    return value < 0 ? Math.min(value, -EPSILON) : Math.max(value, EPSILON);
  }

  private static TreeMap<Integer, Long> sizes(long[] groups) {
    TreeMap<Integer, Long> counts = new TreeMap<>();
    Arrays.stream(groups).forEach(size -> counts.merge((int) size, 1L, Long::sum));
    return counts;
  }

  private static Map<Long, Integer> numbers(long[] groups) {
    Map<Long, Integer> numbers = new HashMap<>();
    for (long group : groups) {
      numbers.putIfAbsent(group, numbers.size());
    }
    return numbers;
  }
}
