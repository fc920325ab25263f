package dev.tripoint.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tripoint.eval.Accuracy;
import dev.tripoint.eval.AccuracyCalculator;
import dev.tripoint.eval.AtK;
import dev.tripoint.eval.BinaryClassificationEvaluator;
import dev.tripoint.eval.EmbeddingSimilarityEvaluator;
import dev.tripoint.eval.InformationRetrievalEvaluator;
import dev.tripoint.eval.KMeans;
import dev.tripoint.eval.LabelComparison;
import dev.tripoint.eval.Measure;
import dev.tripoint.eval.MutualInformation;
import dev.tripoint.eval.SimilarityFunction;
import dev.tripoint.eval.TripletEvaluator;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Evaluation against pytorch-metric-learning, scikit-learn and sentence-transformers: {@code
 * scripts/parity/cases/evaluation.py}.
 */
class EvaluationParityTest {

  static Stream<ParityCase> accuracies() {
    return ParityCase.of("eval/pml.AccuracyCalculator");
  }

  static Stream<ParityCase> groupings() {
    return once("eval/sklearn.mutual_info");
  }

  static Stream<ParityCase> clusterings() {
    return once("eval/sklearn.KMeans");
  }

  static Stream<ParityCase> retrievals() {
    return ParityCase.of("eval/st.InformationRetrievalEvaluator");
  }

  static Stream<ParityCase> classifications() {
    return ParityCase.of("eval/st.BinaryClassificationEvaluator");
  }

  static Stream<ParityCase> similarities() {
    return ParityCase.of("eval/st.EmbeddingSimilarityEvaluator");
  }

  static Stream<ParityCase> triplets() {
    return ParityCase.of("eval/st.TripletEvaluator");
  }

  /** What has no floats, or compares no digits, is run once. */
  private static Stream<ParityCase> once(String part) {
    return ParityCase.of(part).filter(c -> c.dtype() == DType.FLOAT64);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("accuracies")
  void accuracyCalculator(ParityCase c) {
    try (TensorScope _ = TensorScope.open()) {
      AccuracyCalculator calculator = calculator(c);
      Accuracy found =
          c.has("ref_embeddings")
              ? calculator.getAccuracy(
                  c.input("embeddings"),
                  c.input("labels"),
                  c.input("ref_embeddings"),
                  c.input("ref_labels"),
                  Parts.flag(c.params(), "ref_includes_query"))
              : calculator.getAccuracy(c.input("embeddings"), c.input("labels"));
      Map<String, double[]> all = new LinkedHashMap<>();
      found.values().forEach((measure, value) -> all.put(measure.word(), new double[] {value}));
      found.perClass().forEach((measure, values) -> all.put(measure.word(), values));
      compare(c, all);
      found.perClass().values().forEach(each -> assertThat(found.classes()).hasSize(each.length));
    }
  }

  private static AccuracyCalculator calculator(ParityCase c) {
    JsonNode p = c.params();
    AccuracyCalculator calculator =
        new AccuracyCalculator()
            .with(similarity(c))
            .include(p.has("include") ? measures(p.get("include")) : EnumSet.allOf(Measure.class))
            .withAvgOfAvgs(Parts.flag(p, "avg_of_avgs"))
            .withReturnPerClass(Parts.flag(p, "return_per_class"));
    if (p.has("exclude")) {
      for (Measure measure : measures(p.get("exclude"))) {
        calculator = calculator.exclude(measure);
      }
    }
    if (p.has("k")) {
      calculator =
          calculator.withK(
              p.get("k").isInt() ? p.get("k").asInt() : AccuracyCalculator.MAX_BIN_COUNT);
    }
    if (p.has("label_comparison")) {
      calculator = calculator.with(comparison(p.get("label_comparison").asText()));
    }
    return c.has("clusters")
        ? calculator.withClusters(c.input("clusters").toLongArray())
        : calculator;
  }

  private static LabelComparison comparison(String name) {
    return switch (name) {
      case "within 3" -> (x, y) -> Math.abs(x[0] - y[0]) <= 3;
      case "first number" -> (x, y) -> x[0] == y[0];
      default -> throw new AssertionError(name);
    };
  }

  private static Set<Measure> measures(JsonNode names) {
    Set<String> words =
        StreamSupport.stream(names.spliterator(), false)
            .map(JsonNode::asText)
            .collect(Collectors.toSet());
    assertThat(Measure.words()).containsAll(words);
    return Arrays.stream(Measure.values())
        .filter(measure -> words.contains(measure.word()))
        .collect(Collectors.toCollection(() -> EnumSet.noneOf(Measure.class)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("groupings")
  void mutualInformation(ParityCase c) {
    try (TensorScope _ = TensorScope.open()) {
      MutualInformation found =
          MutualInformation.of(c.input("labels").toLongArray(), c.input("clusters").toLongArray());
      compare(
          c,
          Map.of("AMI", new double[] {found.adjusted()}, "NMI", new double[] {found.normalized()}));
    }
  }

  /** Draws differ; on average the sum of squares is no greater than faiss's way has it. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("clusterings")
  void kMeans(ParityCase c) {
    try (TensorScope _ = TensorScope.open()) {
      int width = (int) c.input("rows").size(1);
      double[] flat = c.input("rows").toDoubleArray();
      double[][] rows = new double[flat.length / width][];
      Arrays.setAll(rows, i -> Arrays.copyOfRange(flat, i * width, (i + 1) * width));
      int clusters = c.params().get("clusters").asInt();
      double best = c.expect().get("best").asDouble();
      double mean = 0;
      for (long seed = 0; seed < 100; seed++) {
        long[] found = new KMeans(seed).cluster(rows, clusters);
        assertThat(new KMeans(seed).cluster(rows, clusters)).isEqualTo(found);
        assertThat(Arrays.stream(found).distinct().count()).isEqualTo(clusters);
        double squares = squares(rows, found);
        assertThat(squares).isGreaterThanOrEqualTo(best * (1 - 1e-9));
        mean += squares / 100;
      }
      assertThat(mean).isLessThanOrEqualTo(c.expect().get("mean").asDouble() * 1.01);
    }
  }

  private static double squares(double[][] rows, long[] clusters) {
    double sum = 0;
    for (long cluster : Arrays.stream(clusters).distinct().toArray()) {
      List<double[]> own = new ArrayList<>();
      for (int i = 0; i < rows.length; i++) {
        if (clusters[i] == cluster) {
          own.add(rows[i]);
        }
      }
      for (int k = 0; k < rows[0].length; k++) {
        int column = k;
        double mean = own.stream().mapToDouble(row -> row[column]).average().orElseThrow();
        sum += own.stream().mapToDouble(row -> Math.pow(row[column] - mean, 2)).sum();
      }
    }
    return sum;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("retrievals")
  void informationRetrieval(ParityCase c) {
    List<long[]> relevant = new ArrayList<>();
    c.params().get("relevant").forEach(rows -> relevant.add(ParityCase.longs(rows)));
    List<AtK> measures = c.expect().properties().stream().map(e -> AtK.of(e.getKey())).toList();
    try (TensorScope _ = TensorScope.open()) {
      var evaluator = new InformationRetrievalEvaluator().with(similarity(c));
      if (!c.params().has("mrr_at_k")) {
        assertThat(evaluator.measures()).isEqualTo(measures);
      }
      Map<String, double[]> found = new LinkedHashMap<>();
      evaluator
          .include(measures)
          .evaluate(c.input("queries"), c.input("corpus"), relevant)
          .forEach((name, value) -> found.put(name, new double[] {value}));
      compare(c, found);
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("classifications")
  void binaryClassification(ParityCase c) {
    try (TensorScope _ = TensorScope.open()) {
      long[] labels = c.input("labels").toLongArray();
      boolean[] similar = new boolean[labels.length];
      for (int i = 0; i < labels.length; i++) {
        similar[i] = labels[i] == 1;
      }
      var found =
          new BinaryClassificationEvaluator(similarity(c))
              .evaluate(c.input("left"), c.input("right"), similar);
      compare(
          c,
          Map.of(
              "accuracy", new double[] {found.accuracy()},
              "accuracy_threshold", new double[] {found.accuracyThreshold()},
              "f1", new double[] {found.f1()},
              "f1_threshold", new double[] {found.f1Threshold()},
              "precision", new double[] {found.precision()},
              "recall", new double[] {found.recall()},
              "ap", new double[] {found.ap()},
              "mcc", new double[] {found.mcc()}));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("similarities")
  void embeddingSimilarity(ParityCase c) {
    try (TensorScope _ = TensorScope.open()) {
      var found =
          new EmbeddingSimilarityEvaluator(similarity(c))
              .evaluate(c.input("left"), c.input("right"), c.input("gold").toDoubleArray());
      compare(
          c,
          Map.of(
              "pearson",
              new double[] {found.pearson()},
              "spearman",
              new double[] {found.spearman()}));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("triplets")
  void triplets(ParityCase c) {
    try (TensorScope _ = TensorScope.open()) {
      double found =
          new TripletEvaluator(similarity(c), c.params().get("margin").asDouble())
              .evaluate(c.input("anchor"), c.input("positive"), c.input("negative"));
      compare(c, Map.of("accuracy", new double[] {found}));
    }
  }

  private static SimilarityFunction similarity(ParityCase c) {
    return SimilarityFunction.of(c.params().get("distance").asText());
  }

  /** The same measures, one number each or one for each class; null is NaN. */
  private static void compare(ParityCase c, Map<String, double[]> found) {
    Map<String, double[]> expected = new LinkedHashMap<>();
    c.expect()
        .properties()
        .forEach(e ->
            expected.put(
                e.getKey(),
                e.getValue().isArray()
                    ? StreamSupport.stream(e.getValue().spliterator(), false)
                        .mapToDouble(EvaluationParityTest::number)
                        .toArray()
                    : new double[] {number(e.getValue())}));
    assertThat(found.keySet()).as("%s", c).isEqualTo(expected.keySet());
    expected.forEach((name, values) ->
        assertThat(found.get(name))
            .as("%s: %s", c, name)
            .containsExactly(values, within(c.valueTolerance())));
  }

  private static double number(JsonNode value) {
    return value.isNull() ? Double.NaN : value.asDouble();
  }
}
