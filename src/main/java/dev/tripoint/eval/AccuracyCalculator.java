package dev.tripoint.eval;

import dev.tripoint.tensor.Tensor;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How well embeddings retrieve and group their own classes: {@code AccuracyCalculator} of
 * pytorch-metric-learning 2.9, exact, with memory for a few lines of scores beside the rows.
 *
 * <p>Each query ranks the references by (score, index); a query itself is passed over where the
 * references include it. Queries without a relevant reference are left out of the means; where none
 * is left they are NaN.
 *
 * <p>Differences from the source, all on purpose: rows are compared by cosine where nothing else is
 * said (there the Euclidean distance of the rows as they are, which is {@link
 * SimilarityFunction#EUCLIDEAN} here). Labels are whole numbers of 64 bits (there they become
 * float32, in which classes beyond 2^24 run together). {@link Measure#MEAN_RECIPROCAL_RANK} can be
 * measured alone (there it cannot). {@code k} may exceed the number of references. A label that
 * does not match itself has all its matches as relevant ones (there one too few where the
 * references include the queries). Clusters come from {@link KMeans} (there from faiss).
 *
 * @param measures what is measured; by default everything
 * @param k how many references each query looks at: a count, or {@link #ALL} (the default) or
 *     {@link #MAX_BIN_COUNT}. Below a query's number of relevant references, R-precision and MAP@R
 *     look at so many only
 * @param avgOfAvgs the mean of the classes' means in place of that of all queries
 * @param returnPerClass the means of the classes themselves; excludes {@code avgOfAvgs}
 * @param similarity what makes a reference near
 * @param labelComparison what makes a reference relevant; null for equal labels
 * @param clusters what groups the queries for AMI and NMI, into as many groups as they have classes
 */
public record AccuracyCalculator(
    Set<Measure> measures,
    int k,
    boolean avgOfAvgs,
    boolean returnPerClass,
    SimilarityFunction similarity,
    @Nullable LabelComparison labelComparison,
    ClusterFunction clusters) {

  /** For {@code k}: all references. */
  public static final int ALL = 0;

  /** For {@code k}: as many as the query with the most relevant references has. */
  public static final int MAX_BIN_COUNT = -1;

  private static final double RELATIVE = 1e-5;
  private static final double ABSOLUTE = 1e-8;

  /**
   * The three measures that training reports, means over the queries, each in [0, 1] or NaN.
   *
   * @param mapAtR mean average precision at R
   * @param recallAt1 the share of queries whose nearest row has their class (precision at 1)
   * @param rPrecision R-precision
   */
  public record Measures(double mapAtR, double recallAt1, double rPrecision) {}

  /**
   * @throws IllegalArgumentException if nothing is measured, {@code k} is no count, two kinds of
   *     means are asked for, or clusters are measured by labels that need not be equal
   */
  public AccuracyCalculator {
    if (measures.isEmpty()) {
      throw new IllegalArgumentException("nothing is left to measure");
    }
    measures = Collections.unmodifiableSet(EnumSet.copyOf(measures));
    if (k < MAX_BIN_COUNT) {
      throw new IllegalArgumentException("k must be greater than 0, but is " + k);
    }
    if (avgOfAvgs && returnPerClass) {
      throw new IllegalArgumentException("avgOfAvgs and returnPerClass exclude each other");
    }
    if (labelComparison != null && !measures.stream().allMatch(Measure::isOfRetrieval)) {
      throw new IllegalArgumentException(
          "AMI and NMI have no meaning where labels are compared by a function; exclude them");
    }
  }

  /** Every measure, all references, cosine similarity. */
  public AccuracyCalculator() {
    this(
        EnumSet.allOf(Measure.class),
        ALL,
        false,
        false,
        SimilarityFunction.COSINE,
        null,
        new KMeans(0));
  }

  /** These measures alone. */
  public AccuracyCalculator include(Measure first, Measure... others) {
    return include(EnumSet.of(first, others));
  }

  /** These measures alone. */
  public AccuracyCalculator include(Set<Measure> wanted) {
    return new AccuracyCalculator(
        wanted, k, avgOfAvgs, returnPerClass, similarity, labelComparison, clusters);
  }

  /** All but these measures. */
  public AccuracyCalculator exclude(Measure first, Measure... others) {
    Set<Measure> left = EnumSet.copyOf(measures);
    left.removeAll(EnumSet.of(first, others));
    return include(left);
  }

  /** Each query looks at so many references, {@link #ALL} or {@link #MAX_BIN_COUNT}. */
  public AccuracyCalculator withK(int k) {
    return new AccuracyCalculator(
        measures, k, avgOfAvgs, returnPerClass, similarity, labelComparison, clusters);
  }

  /** The mean of the classes' means, or of all queries. */
  public AccuracyCalculator withAvgOfAvgs(boolean avgOfAvgs) {
    return new AccuracyCalculator(
        measures, k, avgOfAvgs, returnPerClass, similarity, labelComparison, clusters);
  }

  /** The means of the classes, or one number. */
  public AccuracyCalculator withReturnPerClass(boolean returnPerClass) {
    return new AccuracyCalculator(
        measures, k, avgOfAvgs, returnPerClass, similarity, labelComparison, clusters);
  }

  /** With another idea of what is near. */
  public AccuracyCalculator with(SimilarityFunction similarity) {
    return new AccuracyCalculator(
        measures, k, avgOfAvgs, returnPerClass, similarity, labelComparison, clusters);
  }

  /** With another idea of what is relevant. */
  public AccuracyCalculator with(LabelComparison labelComparison) {
    return new AccuracyCalculator(
        measures, k, avgOfAvgs, returnPerClass, similarity, labelComparison, clusters);
  }

  /** With another way to group the queries. */
  public AccuracyCalculator withClusters(ClusterFunction clusters) {
    return new AccuracyCalculator(
        measures, k, avgOfAvgs, returnPerClass, similarity, labelComparison, clusters);
  }

  /** With these groups of the queries, one number each. */
  public AccuracyCalculator withClusters(long... clusters) {
    long[] given = clusters.clone();
    return withClusters((_, _) -> given);
  }

  /** MAP@R, recall at 1 and R-precision by cosine similarity, each row a query among all others. */
  public static Measures of(Tensor embeddings, Tensor labels) {
    RowSource rows = RowSource.of("embeddings", embeddings);
    return three(rows, Labels.of(labels, rows));
  }

  /** The same from plain arrays: embeddings [N][D], labels [N]. */
  public static Measures of(float[][] embeddings, long[] labels) {
    RowSource rows = RowSource.of("embeddings", embeddings);
    return three(rows, Labels.of(labels, rows));
  }

  /**
   * Measures rows among themselves, each a query among all others.
   *
   * @param query floats, [N, D], finite
   * @param queryLabels integers, [N], or [N, L] where labels are rows of numbers
   * @throws IllegalArgumentException if the shapes do not fit, or a value is NaN or infinite
   *     (naming the first such row)
   */
  public Accuracy getAccuracy(Tensor query, Tensor queryLabels) {
    RowSource rows = RowSource.of("embeddings", query);
    return among(rows, Labels.of(queryLabels, rows));
  }

  /**
   * Measures queries beside references.
   *
   * @param query floats, [N, D], finite
   * @param queryLabels integers, [N] or [N, L]
   * @param reference floats, [M, D], finite
   * @param referenceLabels integers, [M] or [M, L]
   * @param refIncludesQuery whether the first N references are the queries
   * @throws IllegalArgumentException if the shapes do not fit, a value is NaN or infinite, or the
   *     first references are not the queries that they are said to be
   */
  public Accuracy getAccuracy(
      Tensor query,
      Tensor queryLabels,
      Tensor reference,
      Tensor referenceLabels,
      boolean refIncludesQuery) {
    RowSource queries = RowSource.of("embeddings", query);
    RowSource references = RowSource.of("references", reference);
    references.requireSameWidth(queries);
    Labels labels = Labels.of(queryLabels, queries);
    Labels refLabels = Labels.of(referenceLabels, references);
    if (refIncludesQuery) {
      requireIncluded(queries, labels, references, refLabels);
    }
    return measure(
        queries,
        labels,
        new Retrieval(labels, refLabels, refIncludesQuery, labelComparison),
        references);
  }

  private static Measures three(RowSource rows, Labels labels) {
    Accuracy found =
        new AccuracyCalculator()
            .include(
                Measure.MEAN_AVERAGE_PRECISION_AT_R, Measure.PRECISION_AT_1, Measure.R_PRECISION)
            .among(rows, labels);
    return new Measures(
        found.value(Measure.MEAN_AVERAGE_PRECISION_AT_R),
        found.value(Measure.PRECISION_AT_1),
        found.value(Measure.R_PRECISION));
  }

  private Accuracy among(RowSource rows, Labels labels) {
    return measure(rows, labels, new Retrieval(labels, labels, true, labelComparison), rows);
  }

  private Accuracy measure(
      RowSource queries, Labels labels, Retrieval retrieval, RowSource references) {
    Map<Measure, Double> values = new EnumMap<>(Measure.class);
    Map<Measure, double[]> perClass = new EnumMap<>(Measure.class);
    if (measures.stream().anyMatch(Measure::isOfRetrieval)) {
      retrieval
          .perQuery(Ranking.of(similarity, queries, references), measures, retrieval.limit(k))
          .forEach((measure, each) -> {
            if (returnPerClass) {
              perClass.put(measure, retrieval.classMeans(each));
            } else {
              values.put(
                  measure, avgOfAvgs ? mean(retrieval.classMeans(each)) : retrieval.mean(each));
            }
          });
    }
    if (!measures.stream().allMatch(Measure::isOfRetrieval)) {
      MutualInformation information = information(queries, labels);
      if (measures.contains(Measure.AMI)) {
        values.put(Measure.AMI, information.adjusted());
      }
      if (measures.contains(Measure.NMI)) {
        values.put(Measure.NMI, information.normalized());
      }
    }
    return new Accuracy(
        Collections.unmodifiableMap(values),
        Collections.unmodifiableMap(perClass),
        returnPerClass ? retrieval.classes() : List.of());
  }

  private MutualInformation information(RowSource queries, Labels labels) {
    long[] groups = clusters.cluster(queries.toArray(), labels.classes().size());
    if (groups.length != queries.rows()) {
      throw new IllegalArgumentException(
          "%d rows of %s and %d clusters".formatted(queries.rows(), queries.name(), groups.length));
    }
    return MutualInformation.of(Arrays.stream(labels.classOf()).asLongStream().toArray(), groups);
  }

  private static void requireIncluded(
      RowSource queries, Labels labels, RowSource references, Labels refLabels) {
    if (references.rows() < queries.rows()) {
      throw new IllegalArgumentException(
          "there are %d references, which cannot include %d queries"
              .formatted(references.rows(), queries.rows()));
    }
    for (int i = 0; i < queries.rows(); i++) {
      double[] query = queries.reader().read(i, 1);
      double[] reference = references.reader().read(i, 1);
      boolean same = Arrays.equals(labels.label(i), refLabels.label(i));
      for (int k = 0; k < query.length; k++) {
        same &= Math.abs(query[k] - reference[k]) <= ABSOLUTE + RELATIVE * Math.abs(reference[k]);
      }
      if (!same) {
        throw new IllegalArgumentException(
            "reference %d is not query %d, but the first references are said to be the queries"
                .formatted(i, i));
      }
    }
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(Double.NaN);
  }
}
