package dev.tripoint.data;

import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Two halves of a data set, by row.
 *
 * @param training rows to train on, ascending
 * @param heldBack all other rows, ascending
 */
public record Split(int[] training, int[] heldBack) {

  /** The split of {@code rows} rows with the given ones in the training half. */
  public static Split ofTraining(int[] training, int rows) {
    BitSet chosen = new BitSet(rows);
    Arrays.stream(training).forEach(chosen::set);
    BitSet rest = new BitSet(rows);
    rest.set(0, rows);
    rest.andNot(chosen);
    return new Split(chosen.stream().toArray(), rest.stream().toArray());
  }

  /**
   * A stratified half by a fixed rule without chance: of each class, in the order of the rows, the
   * first, third, fifth … train and the second, fourth … are held back. A class with one row
   * trains.
   */
  public static Split alternating(long[] labels) {
    Map<Long, Integer> seen = new HashMap<>();
    int[] training = new int[labels.length];
    int count = 0;
    for (int i = 0; i < labels.length; i++) {
      if ((seen.merge(labels[i], 1, Integer::sum) & 1) == 1) {
        training[count++] = i;
      }
    }
    return ofTraining(Arrays.copyOf(training, count), labels.length);
  }
}
