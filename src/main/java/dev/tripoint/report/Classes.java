package dev.tripoint.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which classes get a colour of their own: the ten most frequent, or all if there are no more; the
 * others share a grey.
 */
record Classes(List<Long> coloured, boolean hasOthers) {
  private static final int COLOURS = 10;

  static Classes of(long[] labels) {
    Map<Long, Integer> counts = new HashMap<>();
    Arrays.stream(labels).forEach(label -> counts.merge(label, 1, Integer::sum));
    List<Long> frequent = new ArrayList<>(counts.keySet());
    frequent.sort(
        Comparator.comparingInt((Long label) -> -counts.get(label))
            .thenComparing(Comparator.naturalOrder()));
    List<Long> chosen = new ArrayList<>(frequent.subList(0, Math.min(COLOURS, frequent.size())));
    chosen.sort(Comparator.naturalOrder());
    return new Classes(List.copyOf(chosen), frequent.size() > COLOURS);
  }

  /** The style sheet's class for a label's dots. */
  String css(long label) {
    int at = coloured.indexOf(label);
    return at < 0 ? "co" : "c" + at;
  }

  String legend() {
    StringBuilder out = new StringBuilder("<p class=\"legend\">");
    for (long label : coloured) {
      out.append("<span><i class=\"%s\"></i>%d</span>".formatted(css(label), label));
    }
    if (hasOthers) {
      out.append("<span><i class=\"co\"></i>all others</span>");
    }
    return out + "</p>\n";
  }
}
