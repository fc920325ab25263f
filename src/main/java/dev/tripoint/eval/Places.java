package dev.tripoint.eval;

import java.util.Arrays;
import java.util.BitSet;

/** Where the relevant rows stand among all, by (score, index). */
final class Places {
  private Places() {}

  /**
   * The places, from 1, of the relevant rows, ascending. All retrieval measures follow from them;
   * nothing is sorted but the relevant scores.
   *
   * @param scores great ones come first, equal ones by index; without NaN
   * @param relevant indices, ascending, each once
   * @param excluded an index that takes no place, or -1
   */
  static int[] of(double[] scores, int[] relevant, int excluded) {
    int[] counted = Arrays.stream(relevant).filter(row -> row != excluded).toArray();
    double[] keys = new double[counted.length];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = key(scores[counted[i]]);
    }
    Arrays.sort(keys);
    // Rows in the order of their keys; those of equal keys stay ascending.
    int[] rows = new int[keys.length];
    int[] taken = new int[keys.length];
    for (int row : counted) {
      int first = position(keys, rows, key(scores[row]), -1);
      rows[first + taken[first]++] = row;
    }
    int[] others = new int[keys.length + 1];
    int next = 0;
    for (int row = 0; row < scores.length; row++) {
      if (next < counted.length && counted[next] == row) {
        next++;
      } else if (row != excluded) {
        others[position(keys, rows, key(scores[row]), row)]++;
      }
    }
    int[] places = new int[keys.length];
    int before = 0;
    for (int i = 0; i < places.length; i++) {
      before += others[i];
      places[i] = before + i + 1;
    }
    return places;
  }

  /**
   * The same from the first rows alone; what is none of them has the place {@link
   * Integer#MAX_VALUE}.
   *
   * @param first the first rows, in their order
   */
  static int[] among(long[] first, int[] relevant, int excluded) {
    int[] places = new int[relevant.length - (contains(relevant, excluded) ? 1 : 0)];
    Arrays.fill(places, Integer.MAX_VALUE);
    BitSet marks = isDense(relevant) ? marks(relevant) : null;
    int place = 0;
    int found = 0;
    for (long row : first) {
      if (row == excluded) {
        continue;
      }
      place++;
      boolean counts =
          marks == null ? contains(relevant, (int) row) : row >= 0 && marks.get((int) row);
      if (counts) {
        places[found++] = place;
      }
    }
    return places;
  }

  private static boolean contains(int[] relevant, int row) {
    return Arrays.binarySearch(relevant, row) >= 0;
  }

  /** Whether marks of all rows up to the last take fewer words than there are relevant ones. */
  private static boolean isDense(int[] relevant) {
    return relevant.length > 0 && relevant[relevant.length - 1] / Long.SIZE < relevant.length;
  }

  private static BitSet marks(int[] relevant) {
    BitSet marks = new BitSet(relevant[relevant.length - 1] + 1);
    for (int row : relevant) {
      marks.set(row);
    }
    return marks;
  }

  /** Ascending where scores descend; 0 and -0 become one. */
  private static double key(double score) {
    return 0.0 - score;
  }

  /** How many of the relevant rows stand before (key, row). */
  private static int position(double[] keys, int[] rows, double key, int row) {
    int low = 0;
    int high = keys.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (keys[middle] < key || (keys[middle] == key && rows[middle] < row)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
