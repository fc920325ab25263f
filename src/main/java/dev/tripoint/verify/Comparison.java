package dev.tripoint.verify;

import dev.tripoint.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One thing that both sides computed: the loss, a gradient, or a miner's tuples.
 *
 * @param name what it is
 * @param difference between ours and the reference's: for a value the largest difference over
 *     max(1, |reference|), for a gradient the largest over its largest entry, for tuples how many
 *     only one side has
 * @param allowed how large it may be
 * @param ours how far ours is from the reference's own run in float64, in the same measure
 * @param reference how far the reference's is
 */
public record Comparison(
    String name, double difference, double allowed, double ours, double reference) {

  /** What a comparison says. */
  public enum Verdict {
    /** Equal within what is allowed. */
    EQUAL,
    /**
     * Farther apart than is allowed, but ours is within that of the run in float64, and no farther
     * than the reference: its arithmetic is the less exact.
     */
    EXPLAINED,
    /** Different. */
    DIFFERENT
  }

  private static final double SMALLEST_GRADIENT = 1e-4;
  private static final List<List<String>> TUPLES =
      List.of(
          List.of("anchor", "positive", "negative"),
          List.of("anchor_positive", "positive"),
          List.of("anchor_negative", "negative"));

  /** The verdict. */
  public Verdict verdict() {
    if (difference <= allowed) {
      return Verdict.EQUAL;
    }
    return ours <= allowed && ours <= reference ? Verdict.EXPLAINED : Verdict.DIFFERENT;
  }

  /** Which side is nearer to the run in float64: "ours", "reference" or "both". */
  public String nearer() {
    if (ours == reference) {
      return "both";
    }
    return ours < reference ? "ours" : "reference";
  }

  /**
   * Compares everything that both have.
   *
   * @param ours by the names that {@link Answer#given} has
   * @throws VerifyException if one side has what the other lacks, or numbers of another count
   */
  public static List<Comparison> all(Map<String, double[]> ours, Answer answer, DType dtype) {
    if (!ours.keySet().equals(answer.given().keySet())) {
      throw new VerifyException(
          "the reference answered with %s, and ours with %s"
              .formatted(answer.given().keySet(), ours.keySet()));
    }
    List<Comparison> found = new ArrayList<>();
    for (List<String> columns : TUPLES) {
      if (ours.keySet().containsAll(columns)
          && (columns.size() == 3 || !ours.containsKey("anchor"))) {
        found.add(tuples(columns, ours, answer));
      }
    }
    if (!found.isEmpty()) {
      return found;
    }
    ours.forEach((name, numbers) -> {
      double[] given = sameCount(name, answer.given().get(name), numbers);
      double[] exact = sameCount(name, answer.float64().get(name), numbers);
      boolean gradient = name.startsWith("gradient");
      boolean wide = dtype == DType.FLOAT64;
      double allowed = gradient ? (wide ? 1e-7 : 1e-3) : (wide ? 1e-9 : 2e-5);
      found.add(
          new Comparison(
              name,
              apart(numbers, given, gradient),
              allowed,
              apart(numbers, exact, gradient),
              apart(given, exact, gradient)));
    });
    return found;
  }

  private static double[] sameCount(String name, double[] reference, double[] ours) {
    if (reference.length != ours.length) {
      throw new VerifyException(
          "%s has %d numbers in the reference, and %d in ours"
              .formatted(name, reference.length, ours.length));
    }
    return reference;
  }

  private static double apart(double[] x, double[] y, boolean gradient) {
    double scale = SMALLEST_GRADIENT;
    for (double each : y) {
      scale = Math.max(scale, Math.abs(each));
    }
    double largest = 0;
    for (int i = 0; i < x.length; i++) {
      double off = Math.abs(x[i] - y[i]) / (gradient ? scale : Math.max(1, Math.abs(y[i])));
      // NaN on one side alone is as far apart as can be.
      boolean bothNaN = Double.isNaN(x[i]) && Double.isNaN(y[i]);
      largest = Math.max(largest, bothNaN ? 0 : Double.isNaN(off) ? Double.POSITIVE_INFINITY : off);
    }
    return largest;
  }

  private static Comparison tuples(
      List<String> columns, Map<String, double[]> ours, Answer answer) {
    Map<List<Double>, Integer> mine = counted(columns, ours);
    Map<List<Double>, Integer> given = counted(columns, answer.given());
    Map<List<Double>, Integer> exact = counted(columns, answer.float64());
    return new Comparison(
        String.join(", ", columns),
        unshared(mine, given),
        0,
        unshared(mine, exact),
        unshared(given, exact));
  }

  private static Map<List<Double>, Integer> counted(
      List<String> columns, Map<String, double[]> numbers) {
    Map<List<Double>, Integer> counted = new HashMap<>();
    int count = numbers.get(columns.getFirst()).length;
    for (int i = 0; i < count; i++) {
      Double[] tuple = new Double[columns.size()];
      for (int c = 0; c < tuple.length; c++) {
        tuple[c] = numbers.get(columns.get(c))[i];
      }
      counted.merge(Arrays.asList(tuple), 1, Integer::sum);
    }
    return counted;
  }

  private static double unshared(Map<List<Double>, Integer> x, Map<List<Double>, Integer> y) {
    Map<List<Double>, Integer> left = new HashMap<>(x);
    y.forEach((tuple, count) -> left.merge(tuple, -count, Integer::sum));
    return left.values().stream().mapToInt(Math::abs).sum();
  }
}
