package dev.tripoint.reducer;

import java.util.LinkedHashMap;
import java.util.Map;

/** What all reducers record. */
final class Stats {

  private Stats() {}

  static Map<String, Double> size(LossTerms terms) {
    Map<String, Double> stats = new LinkedHashMap<>();
    stats.put("losses_size", (double) terms.losses().numel());
    return stats;
  }
}
