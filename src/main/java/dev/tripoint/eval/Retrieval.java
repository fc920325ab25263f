package dev.tripoint.eval;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Retrieval measures of queries by their labels, and their means. */
final class Retrieval {
  private static final int[] NONE = {};

  private final Labels labels;
  private final int references;
  private final boolean included;

  /** For each class of queries the relevant references, a query itself among them. */
  private final int[][] relevant;

  /** Without the query itself. */
  private final int[] counts;

  /**
   * Of queries beside references.
   *
   * @param included whether query i is reference i
   */
  Retrieval(
      Labels labels, Labels references, boolean included, @Nullable LabelComparison comparison) {
    this.labels = labels;
    this.references = references.rows();
    this.included = included;
    this.relevant = labels.relevant(references, comparison);
    this.counts = new int[relevant.length];
    for (int c = 0; c < counts.length; c++) {
      long[] label = labels.classes().get(c);
      boolean itself = included && (comparison == null || comparison.match(label, label));
      counts[c] = relevant[c].length - (itself ? 1 : 0);
    }
  }

  /** What {@code k} of {@link AccuracyCalculator} stands for here. */
  int limit(int k) {
    int self = included ? 1 : 0;
    return switch (k) {
      case AccuracyCalculator.ALL -> references - self;
      case AccuracyCalculator.MAX_BIN_COUNT ->
          Arrays.stream(relevant).mapToInt(rows -> rows.length).max().orElse(0) - self;
      default -> k;
    };
  }

  /** Each query's measures, of the first {@code most} references; 0 where it is not counted. */
  Map<Measure, double[]> perQuery(Ranking ranking, Set<Measure> measures, int most) {
    // One place a query, added up in order afterwards: the same bits for any number of threads.
    Map<Measure, double[]> found = new EnumMap<>(Measure.class);
    measures.stream()
        .filter(Measure::isOfRetrieval)
        .forEach(measure -> found.put(measure, new double[labels.rows()]));
    int relevantAtMost = Arrays.stream(counts).max().orElse(0);
    int depth =
        found.keySet().stream()
            .mapToInt(measure -> measure.depth(relevantAtMost, most))
            .max()
            .orElse(0);
    ranking.forEachQuery(
        depth,
        included,
        query -> counts(query) ? relevant[labels.classOf()[query]] : NONE,
        (query, places) ->
            found.forEach((measure, values) -> values[query] = measure.of(places, most)));
    return found;
  }

  /** The mean of the queries that are counted; NaN of none. */
  double mean(double[] each) {
    return IntStream.range(0, each.length)
        .filter(this::counts)
        .mapToDouble(query -> each[query])
        .average()
        .orElse(Double.NaN);
  }

  /** The means of {@link #classes}. */
  double[] classMeans(double[] each) {
    double[] sums = new double[counts.length];
    int[] queries = new int[counts.length];
    for (int query = 0; query < each.length; query++) {
      sums[labels.classOf()[query]] += each[query];
      queries[labels.classOf()[query]]++;
    }
    return shown().mapToDouble(c -> counts[c] > 0 ? sums[c] / queries[c] : Double.NaN).toArray();
  }

  /** The labels whose queries are counted, ascending; all labels where none are. */
  List<long[]> classes() {
    return shown().mapToObj(c -> labels.classes().get(c)).toList();
  }

  private IntStream shown() {
    boolean none = Arrays.stream(counts).allMatch(count -> count == 0);
    return IntStream.range(0, counts.length).filter(c -> none || counts[c] > 0);
  }

  private boolean counts(int query) {
    return counts[labels.classOf()[query]] > 0;
  }
}
