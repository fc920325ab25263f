package dev.tripoint.eval;

import java.util.Arrays;

/** The largest few of many values, in order, without sorting them all. */
public final class Nearest {
  private Nearest() {}

  /**
   * Indices of the {@code count} largest values, largest first, equal values by index.
   *
   * @param values without NaN
   * @param count from 0 to the number of values
   */
  public static int[] first(double[] values, int count) {
    if (count == 0) {
      return new int[0];
    }
    double threshold = largest(values.clone(), count);
    int above = 0;
    for (double value : values) {
      above += value > threshold ? 1 : 0;
    }
    // All above the threshold, and as many equal to it as still fit, lowest index first.
    int equalLeft = count - above;
    Integer[] chosen = new Integer[count];
    int at = 0;
    for (int i = 0; i < values.length && at < count; i++) {
      if (values[i] > threshold || (values[i] == threshold && equalLeft-- > 0)) {
        chosen[at++] = i;
      }
    }
    // A stable sort keeps equal values in the order of their indices.
    Arrays.sort(chosen, (i, j) -> values[i] > values[j] ? -1 : values[i] < values[j] ? 1 : 0);
    return Arrays.stream(chosen).mapToInt(Integer::intValue).toArray();
  }

  /**
   * The {@code count}-th largest value; the array is left in another order. Median of three keeps
   * sorted input fast.
   */
  private static double largest(double[] values, int count) {
    int low = 0;
    int high = values.length - 1;
    int wanted = count - 1;
    while (low < high) {
      double pivot = median(values[low], values[(low + high) >>> 1], values[high]);
      int i = low;
      int j = high;
      while (i <= j) {
        while (values[i] > pivot) {
          i++;
        }
        while (values[j] < pivot) {
          j--;
        }
        if (i <= j) {
          double value = values[i];
          values[i++] = values[j];
          values[j--] = value;
        }
      }
      if (wanted <= j) {
        high = j;
      } else if (wanted >= i) {
        low = i;
      } else {
        break;
      }
    }
    return values[wanted];
  }

  private static double median(double a, double b, double c) {
    return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
  }
}
