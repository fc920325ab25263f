package dev.tripoint.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tripoint.compat.st.CachedGISTEmbedLoss;
import dev.tripoint.compat.st.CachedMultipleNegativesRankingLoss;
import dev.tripoint.compat.st.ContrastiveTensionLossInBatchNegatives;
import dev.tripoint.compat.st.DistillKLDivLoss;
import dev.tripoint.compat.st.EmbedDistillLoss;
import dev.tripoint.compat.st.GISTEmbedLoss;
import dev.tripoint.compat.st.MSELoss;
import dev.tripoint.compat.st.MarginMSELoss;
import dev.tripoint.compat.st.MultipleNegativesRankingLoss;
import dev.tripoint.compat.st.MultipleNegativesRankingLoss.Direction;
import dev.tripoint.compat.st.MultipleNegativesRankingLoss.HardnessMode;
import dev.tripoint.compat.st.MultipleNegativesRankingLoss.PartitionMode;
import dev.tripoint.compat.st.SoftmaxLoss;
import dev.tripoint.nn.Linear;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The losses of sentence-transformers that want more than rows, negatives and targets, or have more
 * than the command line asks for, against their reference.
 */
class StLossesParityTest {

  static Stream<ParityCase> cases() {
    return ParityCase.of(
        "st.CachedGISTEmbedLoss",
        "st.ContrastiveTensionLossInBatchNegatives.learns",
        "st.DistillKLDivLoss",
        "st.EmbedDistillLoss.columns",
        "st.GISTEmbedLoss",
        "st.MSELoss.columns",
        "st.MarginMSELoss.columns",
        "st.MultipleNegativesRankingLoss.columns",
        "st.SoftmaxLoss");
  }

  @AfterAll
  static void print() {
    Differences.print();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void givesWhatTheReferenceGives(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      Map<String, Tensor> x = new LinkedHashMap<>();
      c.expect().get("grads").fieldNames().forEachRemaining(name -> x.put(name, c.leaf(name)));
      Tensor loss = loss(c, x);
      Differences.values(c, "loss", loss, c.expect().get("loss"));
      loss.backward();
      Differences.gradients(c, x, c.expect().get("grads"));
    }
  }

  private static Tensor loss(ParityCase c, Map<String, Tensor> x) {
    return switch (c.part()) {
      case "st.CachedGISTEmbedLoss" ->
          new CachedGISTEmbedLoss(gist(c), c.params().get("mini_batch_size").asLong())
              .forward(List.copyOf(x.values()), guide(c, x));
      case "st.GISTEmbedLoss" -> gist(c).forward(List.copyOf(x.values()), guide(c, x));
      case "st.ContrastiveTensionLossInBatchNegatives.learns" ->
          new ContrastiveTensionLossInBatchNegatives()
              .forward(x.get("anchor"), x.get("positive"), x.get("logit_scale"));
      case "st.DistillKLDivLoss" ->
          distill(c.params())
              .forward(x.get("anchor"), c.input("scores"), numbered(x, "candidate_"));
      case "st.EmbedDistillLoss.columns" ->
          new EmbedDistillLoss(EmbedDistillLoss.DistanceMetric.L2)
              .with(projection(c))
              .forward(List.of(numbered(x, "column_")), teachers(c, x));
      case "st.MSELoss.columns" -> {
        Linear projection = projection(c);
        yield c.input("teacher").dim() == 3
            ? new EmbedDistillLoss(EmbedDistillLoss.DistanceMetric.MSE)
                .forward(List.of(numbered(x, "column_")), teachers(c, x))
            : new MSELoss(projection).forward(c.input("teacher"), numbered(x, "column_"));
      }
      case "st.MarginMSELoss.columns" ->
          new MarginMSELoss()
              .forward(
                  x.get("anchor"), x.get("positive"), c.input("targets"), numbered(x, "negative_"));
      case "st.MultipleNegativesRankingLoss.columns" -> {
        MultipleNegativesRankingLoss loss = ranking(c.params());
        Tensor[] negatives = numbered(x, "negative_");
        Tensor inBlocks =
            new CachedMultipleNegativesRankingLoss(loss, 2)
                .forward(x.get("anchor"), x.get("positive"), negatives);
        Differences.values(c, "in blocks", inBlocks, c.expect().get("loss"));
        yield loss.forward(x.get("anchor"), x.get("positive"), negatives);
      }
      case "st.SoftmaxLoss" -> softmax(c, x);
      default -> throw new AssertionError(c.part());
    };
  }

  private static GISTEmbedLoss gist(ParityCase c) {
    JsonNode p = c.params();
    boolean relative = p.path("margin_strategy").asText().equals("relative");
    return new GISTEmbedLoss(p.get("temperature").asDouble())
        .withMargin(
            relative
                ? GISTEmbedLoss.MarginStrategy.RELATIVE
                : GISTEmbedLoss.MarginStrategy.ABSOLUTE,
            Parts.number(p, "margin", 0))
        .withContrasts(
            p.path("contrast_anchors").asBoolean(true),
            p.path("contrast_positives").asBoolean(true));
  }

  private static List<Tensor> guide(ParityCase c, Map<String, Tensor> x) {
    return x.keySet().stream().map(name -> c.input("guide_" + name)).toList();
  }

  private static DistillKLDivLoss distill(JsonNode p) {
    double both = Parts.number(p, "temperature", 1);
    return new DistillKLDivLoss(
        Parts.number(p, "student_temperature", both), Parts.number(p, "teacher_temperature", both));
  }

  private static MultipleNegativesRankingLoss ranking(JsonNode p) {
    Set<Direction> directions = EnumSet.of(Direction.QUERY_TO_DOC);
    p.path("directions").forEach(each -> directions.add(Direction.valueOf(upper(each))));
    return new MultipleNegativesRankingLoss(Parts.number(p, "scale", 20))
        .with(
            directions,
            p.has("partition_mode")
                ? PartitionMode.valueOf(upper(p.get("partition_mode")))
                : PartitionMode.JOINT)
        .withHardness(
            p.has("hardness_mode") ? HardnessMode.valueOf(upper(p.get("hardness_mode"))) : null,
            Parts.number(p, "hardness_strength", 0));
  }

  private static String upper(JsonNode word) {
    return word.asText().toUpperCase(Locale.ROOT);
  }

  private static Tensor[] numbered(Map<String, Tensor> x, String prefix) {
    return IntStream.iterate(0, i -> x.containsKey(prefix + i), i -> i + 1)
        .mapToObj(i -> x.get(prefix + i))
        .toArray(Tensor[]::new);
  }

  private static List<Tensor> teachers(ParityCase c, Map<String, Tensor> x) {
    Tensor teacher = c.input("teacher");
    if (teacher.dim() == 2) {
      return Collections.nCopies(x.size(), teacher);
    }
    List<Tensor> each = new ArrayList<>();
    for (int i = 0; i < teacher.size(0); i++) {
      each.add(teacher.select(0, i));
    }
    return each;
  }

  /** The layer that takes the student's width to the teacher's, null where a case has none. */
  private static @Nullable Linear projection(ParityCase c) {
    return c.has("projection_weight")
        ? linear(c, c.input("projection_weight"), c.input("projection_bias"))
        : null;
  }

  private static Linear linear(ParityCase c, Tensor weight, Tensor bias) {
    Linear layer = new Linear(weight.size(1), weight.size(0), true, null, c.dtype());
    try (Autograd.Mode _ = Autograd.noGrad()) {
      layer.weight().copy_(weight);
      layer.bias().copy_(bias);
    }
    return layer;
  }

  /**
   * The layer's own weights stand in place of the case's leaves, so their gradients are compared.
   */
  private static Tensor softmax(ParityCase c, Map<String, Tensor> x) {
    JsonNode p = c.params();
    Linear layer = linear(c, x.get("weight"), x.get("bias"));
    x.put("weight", layer.weight());
    x.put("bias", layer.bias());
    return new SoftmaxLoss(
            layer,
            p.path("concatenation_sent_rep").asBoolean(true),
            p.path("concatenation_sent_difference").asBoolean(true),
            Parts.flag(p, "concatenation_sent_multiplication"))
        .forward(x.get("anchor"), x.get("positive"), c.input("targets"));
  }
}
