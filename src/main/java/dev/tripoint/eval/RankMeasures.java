package dev.tripoint.eval;

/** What follows from the places, from 1 and ascending, of one query's relevant rows. */
final class RankMeasures {
  private RankMeasures() {}

  /** How many stand among the first {@code k}. */
  static int hits(int[] places, int k) {
    int hits = 0;
    while (hits < places.length && places[hits] <= k) {
      hits++;
    }
    return hits;
  }

  /** The precision of the first i rows, added up over the places i ≤ k of relevant ones. */
  static double precisions(int[] places, int k) {
    int hits = hits(places, k);
    double sum = 0;
    for (int i = 0; i < hits; i++) {
      sum += (i + 1.0) / places[i];
    }
    return sum;
  }

  /** One over the first place; 0 beyond {@code k}. */
  static double reciprocalRank(int[] places, int k) {
    return places[0] <= k ? 1.0 / places[0] : 0;
  }

  /** Discounted cumulative gain of the first {@code k}. */
  static double gain(int[] places, int k) {
    int hits = hits(places, k);
    double sum = 0;
    for (int i = 0; i < hits; i++) {
      sum += discount(places[i]);
    }
    return sum;
  }

  /** The greatest such gain: all relevant rows first. */
  static double idealGain(int relevant, int k) {
    int most = Math.min(relevant, k);
    double sum = 0;
    for (int place = 1; place <= most; place++) {
      sum += discount(place);
    }
    return sum;
  }

  private static double discount(int place) {
    return 1 / log2(place + 1);
  }

  private static double log2(double x) {
    return Math.log(x) / Math.log(2);
  }
}
