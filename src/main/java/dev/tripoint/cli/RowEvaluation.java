package dev.tripoint.cli;

import dev.tripoint.eval.BinaryClassificationEvaluator;
import dev.tripoint.eval.EmbeddingSimilarityEvaluator;
import dev.tripoint.eval.SimilarityFunction;
import dev.tripoint.eval.TripletEvaluator;
import dev.tripoint.tensor.TensorScope;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How well similarities tell rows that belong together from others. */
final class RowEvaluation implements Evaluation {
  private static final List<String> OF_JUDGEMENTS = List.of("pearson", "spearman");
  private static final List<String> OF_PAIRS =
      List.of(
          "accuracy",
          "accuracy_threshold",
          "f1",
          "f1_threshold",
          "precision",
          "recall",
          "ap",
          "mcc");
  private static final List<String> OF_TRIPLETS = List.of("accuracy");

  @Option(names = "--anchor", paramLabel = "FILE", description = "One side of pairs, [N, D].")
  @Nullable String anchor;

  @Option(names = "--positive", paramLabel = "FILE", description = "The other side, [N, D].")
  @Nullable String positive;

  @Option(
      names = "--negative",
      paramLabel = "FILE",
      description = "A third side, [N, D]: is the positive nearer?")
  @Nullable String negative;

  @Option(
      names = "--targets",
      paramLabel = "FILE",
      description = "How similar each pair is, [N]: 0 and 1, or any numbers.")
  @Nullable String targets;

  @Override
  public String needs() {
    return "--anchor and --positive with --targets or --negative";
  }

  @Override
  public Map<String, @Nullable String> given() {
    Map<String, @Nullable String> given = new LinkedHashMap<>();
    given.put("--anchor", anchor);
    given.put("--positive", positive);
    given.put("--negative", negative);
    given.put("--targets", targets);
    return given;
  }

  @Override
  public Found measure(@Nullable String measures, SimilarityFunction by) {
    if (anchor == null || positive == null || (negative == null) == (targets == null)) {
      throw new UsageException("evaluation of rows needs %s", needs());
    }
    try (TensorScope _ = TensorScope.open()) {
      Input left = Input.matrix("--anchor", anchor, "anchors");
      Input right = Input.matrixLike(left, "--positive", positive, "positives");
      right.requireSameShape(left);
      Map<String, Double> found =
          negative == null
              ? ofPairs(measures, by, left, right, Evaluation.require("--targets", targets))
              : ofTriplets(measures, by, left, right, negative);
      return new Found(found, Map.of(), new long[0], "one side is constant");
    }
  }

  private static Map<String, Double> ofTriplets(
      @Nullable String measures, SimilarityFunction by, Input left, Input right, String file) {
    Evaluation.names(measures, OF_TRIPLETS, OF_TRIPLETS, OF_TRIPLETS);
    Input third = Input.matrixLike(left, "--negative", file, "negatives");
    third.requireSameShape(left);
    double accuracy =
        new TripletEvaluator(by, 0).evaluate(left.tensor(), right.tensor(), third.tensor());
    return Map.of("accuracy", accuracy);
  }

  private static Map<String, Double> ofPairs(
      @Nullable String measures, SimilarityFunction by, Input left, Input right, String file) {
    double[] judged = Input.targets("--targets", file, left).tensor().toDoubleArray();
    boolean binary = Arrays.stream(judged).allMatch(value -> value == 0 || value == 1);
    List<String> all =
        binary ? Stream.of(OF_PAIRS, OF_JUDGEMENTS).flatMap(List::stream).toList() : OF_JUDGEMENTS;
    List<String> names = Evaluation.names(measures, all, all, all);
    Map<String, Double> found = new LinkedHashMap<>();
    if (binary) {
      boolean[] similar = new boolean[judged.length];
      for (int i = 0; i < judged.length; i++) {
        similar[i] = judged[i] == 1;
      }
      var pairs =
          new BinaryClassificationEvaluator(by).evaluate(left.tensor(), right.tensor(), similar);
      found.put("accuracy", pairs.accuracy());
      found.put("accuracy_threshold", pairs.accuracyThreshold());
      found.put("f1", pairs.f1());
      found.put("f1_threshold", pairs.f1Threshold());
      found.put("precision", pairs.precision());
      found.put("recall", pairs.recall());
      found.put("ap", pairs.ap());
      found.put("mcc", pairs.mcc());
    }
    var correlations =
        new EmbeddingSimilarityEvaluator(by).evaluate(left.tensor(), right.tensor(), judged);
    found.put("pearson", correlations.pearson());
    found.put("spearman", correlations.spearman());
    found.keySet().retainAll(names);
    return found;
  }
}
