package dev.tripoint.catalog;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Finds what a mistyped name was meant to be. */
public final class Names {
  private static final int MOST = 3;

  private Names() {}

  /**
   * The known names that are nearest to a wrong one, best first, three at most; none where nothing
   * is near. Case is ignored, and a known name may be given without what stands before its last
   * point ({@code LpDistance} for {@code pml.LpDistance}).
   */
  public static List<String> nearest(String wrong, Collection<String> known) {
    record Candidate(String name, double distance) {}
    String typed = wrong.strip().toLowerCase(Locale.ROOT);
    if (typed.isEmpty() || typed.length() > 200) {
      return List.of();
    }
    List<Candidate> candidates = new ArrayList<>();
    for (String name : known) {
      String full = name.toLowerCase(Locale.ROOT);
      String tail = full.substring(full.lastIndexOf('.') + 1);
      String typedTail = typed.substring(typed.lastIndexOf('.') + 1);
      // The right name in another room ranks behind the same room with as many slips.
      double distance = Math.min(edits(typed, full), edits(typedTail, tail) + 0.5);
      if (distance <= Math.max(1.5, Math.min(typedTail.length(), tail.length()) * 0.34 + 0.5)) {
        candidates.add(new Candidate(name, distance));
      }
    }
    candidates.sort(Comparator.comparingDouble(Candidate::distance).thenComparing(Candidate::name));
    double best = candidates.isEmpty() ? 0 : candidates.getFirst().distance();
    // What has all of its own name right, be it with another room or none, needs no others beside
    // it.
    double furthest = best <= 0.5 ? best : best + 2;
    return candidates.stream()
        .filter(c -> c.distance() <= furthest)
        .limit(MOST)
        .map(Candidate::name)
        .toList();
  }

  /**
   * The end of a sentence on a wrong name: {@code "; did you mean a, b or c?"}, or, where nothing
   * is near, {@code fallback}.
   */
  public static String suggestion(String wrong, Collection<String> known, String fallback) {
    List<String> near = nearest(wrong, known);
    return near.isEmpty() ? fallback : "; did you mean " + alternatives(near) + "?";
  }

  /** {@code "a, b or c"}. */
  public static String alternatives(Collection<String> names) {
    List<String> list = List.copyOf(names);
    if (list.size() < 2) {
      return String.join("", list);
    }
    String head = list.stream().limit(list.size() - 1L).collect(Collectors.joining(", "));
    return head + " or " + list.getLast();
  }

  /**
   * How many single-character insertions, deletions, replacements and swaps of neighbours lead from
   * one text to the other (optimal string alignment).
   */
  static int edits(String a, String b) {
    int[] beforeLast = new int[b.length() + 1];
    int[] last = new int[b.length() + 1];
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      last[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replace = last[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(replace, 1 + Math.min(last[j], row[j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      int[] free = beforeLast;
      beforeLast = last;
      last = row;
      row = free;
    }
    return last[b.length()];
  }
}
