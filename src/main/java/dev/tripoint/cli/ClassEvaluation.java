package dev.tripoint.cli;

import dev.tripoint.catalog.Range;
import dev.tripoint.catalog.Values;
import dev.tripoint.eval.Accuracy;
import dev.tripoint.eval.AccuracyCalculator;
import dev.tripoint.eval.KMeans;
import dev.tripoint.eval.Measure;
import dev.tripoint.eval.SimilarityFunction;
import dev.tripoint.tensor.TensorScope;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How well embeddings retrieve and group their own classes. */
final class ClassEvaluation implements Evaluation {
  private static final Map<String, Measure> BY_NAME = new LinkedHashMap<>();

  static {
    BY_NAME.put(MeasureText.MAP_AT_R, Measure.MEAN_AVERAGE_PRECISION_AT_R);
    BY_NAME.put(MeasureText.RECALL_AT_1, Measure.PRECISION_AT_1);
    BY_NAME.put(MeasureText.R_PRECISION, Measure.R_PRECISION);
    for (Measure measure : Measure.values()) {
      BY_NAME.put(measure.word(), measure);
    }
  }

  private static final List<String> STANDARD =
      List.of(MeasureText.MAP_AT_R, MeasureText.RECALL_AT_1, MeasureText.R_PRECISION);

  private static final List<String> OF_CLUSTERS = List.of(Measure.AMI.word(), Measure.NMI.word());

  private static final List<String> ALL =
      Stream.of(
              STANDARD,
              List.of(Measure.MEAN_AVERAGE_PRECISION.word(), Measure.MEAN_RECIPROCAL_RANK.word()),
              OF_CLUSTERS)
          .flatMap(List::stream)
          .toList();

  @Option(names = "--embeddings", paramLabel = "FILE", description = "Embeddings, [N, D].")
  @Nullable String embeddings;

  @Option(names = "--labels", paramLabel = "FILE", description = "Their labels, [N], any integers.")
  @Nullable String labels;

  @Option(
      names = "--ref-embeddings",
      paramLabel = "FILE",
      description = "Look for neighbours here, [M, D], not among the embeddings themselves.")
  @Nullable String refEmbeddings;

  @Option(names = "--ref-labels", paramLabel = "FILE", description = "Their labels, [M].")
  @Nullable String refLabels;

  @Option(
      names = "--ref-includes-query",
      description = "The first N references are the embeddings: pass over each one's own.")
  boolean refIncludesQuery;

  @Option(
      names = "--k",
      paramLabel = "N",
      description =
          "Look at the N nearest only, at all, or at max_bin_count: as many as the largest class"
              + " has. Default: all.")
  @Nullable String k;

  @Option(names = "--avg-of-avgs", description = "The mean of the classes' means.")
  boolean avgOfAvgs;

  @Option(names = "--per-class", description = "The mean of each class.")
  boolean perClass;

  @Option(
      names = "--clusters",
      paramLabel = "FILE",
      description = "Clusters for AMI and NMI, [N], any integers. Default: k-means of the rows.")
  @Nullable String clusters;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Decides where k-means starts. Default: 0.")
  @Nullable String seed;

  @Override
  public String needs() {
    return "--embeddings and --labels";
  }

  @Override
  public Map<String, @Nullable String> given() {
    Map<String, @Nullable String> given = new LinkedHashMap<>();
    given.put("--embeddings", embeddings);
    given.put("--labels", labels);
    given.put("--ref-embeddings", refEmbeddings);
    given.put("--ref-labels", refLabels);
    given.put("--ref-includes-query", refIncludesQuery ? "" : null);
    given.put("--k", k);
    given.put("--avg-of-avgs", avgOfAvgs ? "" : null);
    given.put("--per-class", perClass ? "" : null);
    given.put("--clusters", clusters);
    given.put("--seed", seed);
    return given;
  }

  @Override
  public Found measure(@Nullable String measures, SimilarityFunction by) {
    String rowFile = Evaluation.require("--embeddings", embeddings);
    String labelFile = Evaluation.require("--labels", labels);
    List<String> names =
        Evaluation.names(
            measures,
            ALL,
            clusters == null
                ? STANDARD
                : Stream.of(STANDARD, OF_CLUSTERS).flatMap(List::stream).toList(),
            List.copyOf(BY_NAME.keySet()));
    Set<Measure> wanted = EnumSet.noneOf(Measure.class);
    names.forEach(name -> wanted.add(Objects.requireNonNull(BY_NAME.get(name))));
    refuseMeaningless(wanted);
    AccuracyCalculator calculator =
        new AccuracyCalculator()
            .include(wanted)
            .with(by)
            .withK(count())
            .withAvgOfAvgs(avgOfAvgs)
            .withReturnPerClass(perClass)
            .withClusters(new KMeans(start()));
    try (TensorScope _ = TensorScope.open()) {
      Input rows = Input.matrix("--embeddings", rowFile, "embeddings");
      Input classes = Input.labels("--labels", labelFile, rows);
      if (clusters != null) {
        calculator =
            calculator.withClusters(
                Input.labels("--clusters", clusters, rows).tensor().toLongArray());
      }
      return named(names, accuracy(calculator, rows, classes));
    }
  }

  private void refuseMeaningless(Set<Measure> wanted) {
    if (avgOfAvgs && perClass) {
      throw new UsageException("--avg-of-avgs and --per-class exclude each other");
    }
    if ((refEmbeddings == null) != (refLabels == null)) {
      throw new UsageException(
          "--ref-embeddings and --ref-labels go together: one of them is missing");
    }
    if (refIncludesQuery && refEmbeddings == null) {
      throw new UsageException("--ref-includes-query has no meaning without --ref-embeddings");
    }
    if (clusters != null && seed != null) {
      throw new UsageException("--seed has no meaning where --clusters are given");
    }
    String option = clusters != null ? "--clusters" : seed != null ? "--seed" : null;
    if (option != null && wanted.stream().allMatch(Measure::isOfRetrieval)) {
      throw new UsageException(
          "%s belongs to the measures AMI and NMI, which --measures does not name", option);
    }
  }

  private int count() {
    if (k == null || k.equals("all")) {
      return AccuracyCalculator.ALL;
    }
    if (k.equals("max_bin_count")) {
      return AccuracyCalculator.MAX_BIN_COUNT;
    }
    Long count = Values.integer(k);
    if (count == null || count < 1 || count > Integer.MAX_VALUE) {
      throw new UsageException(
          "--k must be a whole number from 1 on, all or max_bin_count, not '%s'", k);
    }
    return count.intValue();
  }

  private long start() {
    Long number = OptionValues.integer("--seed", seed, Range.between(0, Long.MAX_VALUE));
    return number == null ? 0 : number;
  }

  private Accuracy accuracy(AccuracyCalculator calculator, Input rows, Input classes) {
    if (refEmbeddings == null || refLabels == null) {
      return calculator.getAccuracy(rows.tensor(), classes.tensor());
    }
    Input references = Input.matrix("--ref-embeddings", refEmbeddings, "references");
    references.requireSameWidth(rows);
    Input theirs = Input.labels("--ref-labels", refLabels, references);
    return calculator.getAccuracy(
        rows.tensor(), classes.tensor(), references.tensor(), theirs.tensor(), refIncludesQuery);
  }

  private Found named(List<String> names, Accuracy accuracy) {
    Map<String, Double> values = new LinkedHashMap<>();
    Map<String, double[]> each = new LinkedHashMap<>();
    for (String name : names) {
      Measure measure = Objects.requireNonNull(BY_NAME.get(name));
      double[] ofClasses = accuracy.perClass().get(measure);
      if (ofClasses == null) {
        values.put(name, accuracy.value(measure));
      } else {
        each.put(name, ofClasses);
      }
    }
    return new Found(
        values,
        each,
        accuracy.classes().stream().mapToLong(label -> label[0]).toArray(),
        refEmbeddings == null ? MeasureText.LONE : "no query has a reference of its class");
  }
}
