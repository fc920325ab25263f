package dev.tripoint.report;

import dev.tripoint.eval.RowScores;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A held-back row beside its nearest neighbours. Numbers are places among the held-back rows.
 *
 * @param row the row
 * @param other the nearest row of another class
 * @param own the nearest row of its own class
 * @param excess how much more similar the other is than the own: above 0, the nearest neighbour is
 *     a wrong one
 */
record Mistake(int row, int other, int own, double excess) {

  boolean isWrong() {
    return excess >= 0;
  }

  /** All rows that have both neighbours, the worst first. */
  static List<Mistake> worstFirst(float[][] embeddings, long[] labels) {
    @Nullable Mistake[] all = new Mistake[labels.length];
    RowScores.cosines(embeddings)
        .forEachQuery((row, similarities) -> all[row] = of(row, similarities, labels));
    List<Mistake> found = new ArrayList<>();
    for (Mistake mistake : all) {
      if (mistake != null) {
        found.add(mistake);
      }
    }
    found.sort(Comparator.comparingDouble((Mistake m) -> -m.excess));
    return found;
  }

  private static @Nullable Mistake of(int row, double[] similarities, long[] labels) {
    int own = -1;
    int other = -1;
    for (int i = 0; i < labels.length; i++) {
      if (i == row) {
        continue;
      }
      if (labels[i] == labels[row]) {
        own = own < 0 || similarities[i] > similarities[own] ? i : own;
      } else {
        other = other < 0 || similarities[i] > similarities[other] ? i : other;
      }
    }
    return own < 0 || other < 0
        ? null
        : new Mistake(row, other, own, similarities[other] - similarities[own]);
  }
}
