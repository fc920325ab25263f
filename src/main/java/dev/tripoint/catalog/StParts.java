package dev.tripoint.catalog;

import dev.tripoint.catalog.Accepts.Need;
import dev.tripoint.catalog.DistanceChoice.Word;
import dev.tripoint.compat.st.BatchAllTripletLoss;
import dev.tripoint.compat.st.BatchHardSoftMarginTripletLoss;
import dev.tripoint.compat.st.BatchHardTripletLoss;
import dev.tripoint.compat.st.BatchHardTripletLossDistanceFunction;
import dev.tripoint.compat.st.BatchSemiHardTripletLoss;
import dev.tripoint.compat.st.ContrastiveLoss;
import dev.tripoint.compat.st.MultipleNegativesRankingLoss;
import dev.tripoint.compat.st.SiameseDistanceMetric;
import dev.tripoint.compat.st.SimilarityFunction;
import dev.tripoint.loss.Loss;
import dev.tripoint.loss.LossResult;
import dev.tripoint.tensor.Tensor;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The losses of sentence-transformers. */
final class StParts {
  private static final String REFERENCE = "sentence-transformers 6.2.0";

  private static final Word[] BATCH_DISTANCES = {
    new Word("euclidean", "the L2 distance"),
    new Word("cosine", "1 - cosine"),
    new Word("sqeuclidean", "the squared L2 distance"),
  };
  private static final Word[] PAIR_DISTANCES = {
    new Word("cosine", "1 - cosine_similarity(x, y)"),
    new Word("euclidean", "|x - y + 1e-6|_2"),
    new Word("manhattan", "|x - y + 1e-6|_1"),
  };
  private static final Word[] SIMILARITIES = {
    new Word("cosine", "the cosine"),
    new Word("dot", "the dot product"),
    new Word("euclidean", "-|x - y|_2"),
    new Word("manhattan", "-|x - y|_1"),
  };

  private StParts() {}

  static List<Part<?>> all() {
    return List.of(
        batchAll(),
        batchHard(),
        batchHardSoftMargin(),
        batchSemiHard(),
        contrastive(),
        multipleNegativesRanking());
  }

  private static Part<LossForm> batchAll() {
    return overBatch(
        loss("st.BatchAllTripletLoss", Accepts.batch())
            .summary("All triplets of the batch, averaged over those that cost more than nothing.")
            .formula(
                "sum over (a,p,n) of max(0, d(a,p) - d(a,n) + margin) / count of those > 1e-16")
            .parameter(tripletMargin("margin")),
        (a, d) -> new BatchAllTripletLoss(a.real("margin"), d));
  }

  private static Part<LossForm> batchHard() {
    return overBatch(
        loss("st.BatchHardTripletLoss", Accepts.batch())
            .summary("For each row, its farthest positive against its nearest negative.")
            .formula("mean over a of max(0, max_p d(a,p) - min_n d(a,n) + margin)")
            .parameter(tripletMargin("margin")),
        (a, d) -> new BatchHardTripletLoss(a.real("margin"), d));
  }

  private static Part<LossForm> batchHardSoftMargin() {
    return overBatch(
        loss("st.BatchHardSoftMarginTripletLoss", Accepts.batch())
            .summary(
                "For each row, its farthest positive against its nearest negative, without a margin.")
            .formula("mean over a of log(1 + exp(max_p d(a,p) - min_n d(a,n)))"),
        (a, d) -> new BatchHardSoftMarginTripletLoss(d));
  }

  private static Part<LossForm> batchSemiHard() {
    return overBatch(
        loss("st.BatchSemiHardTripletLoss", Accepts.batch())
            .summary(
                "For each row and positive, the nearest negative that is farther, else the farthest negative.")
            .formula(
                "mean over (a,p) of max(0, d(a,p) - d(a,n) + margin), n the nearest with d(a,n) > d(a,p), else the farthest")
            .parameter(tripletMargin("margin")),
        (a, d) -> new BatchSemiHardTripletLoss(a.real("margin"), d));
  }

  private static Part<LossForm> contrastive() {
    return loss("st.ContrastiveLoss", Accepts.rows(Need.NO, Need.YES))
        .summary("Pairs with target 1 are pulled together, those with target 0 pushed apart.")
        .formula("mean over pairs of (t d^2 + (1 - t) max(0, margin - d)^2) / 2")
        .parameter(pairMargin())
        .parameter(Parameter.flag("size_average", true, "the mean over the pairs, else their sum"))
        .distanceWords("cosine", PAIR_DISTANCES)
        .makesWith((a, with) -> {
          var loss =
              new ContrastiveLoss(a.real("margin"), a.flag("size_average"), pairDistance(with));
          return onPairs(loss::forward);
        });
  }

  private static Part<LossForm> multipleNegativesRanking() {
    return ranking(
            loss("st.MultipleNegativesRankingLoss", Accepts.rows(Need.OPTIONAL, Need.NO))
                .summary("Each anchor's positive against all other rows of the batch."))
        .makesWith((a, with) -> onTriplets(ranking(a, with)::forward));
  }

  // What several entries share.

  private static Part.Builder<LossForm> loss(String name, Accepts accepts) {
    return Part.loss(name, accepts).reference(REFERENCE);
  }

  private static Part<LossForm> overBatch(
      Part.Builder<LossForm> builder,
      BiFunction<Arguments, BatchHardTripletLossDistanceFunction, Loss> make) {
    return builder
        .distanceWords("euclidean", BATCH_DISTANCES)
        .makesWith((a, with) -> {
          var distance =
              named(
                  with.word(),
                  BatchHardTripletLossDistanceFunction.EUCLIDEAN_DISTANCE,
                  BatchHardTripletLossDistanceFunction::word);
          return new LossForm.OnBatch(make.apply(a, distance));
        });
  }

  private static Part.Builder<LossForm> ranking(Part.Builder<LossForm> builder) {
    return builder
        .formula("mean over i of log(sum over j of exp(scale s(a_i,p_j))) - scale s(a_i,p_i)")
        .parameter(scale())
        .parameter(
            Parameter.words(
                "directions",
                names(MultipleNegativesRankingLoss.Direction.values()),
                "query_to_doc",
                "what is compared; query_to_doc must be among them"))
        .parameter(
            Parameter.choice(
                "partition_mode",
                names(MultipleNegativesRankingLoss.PartitionMode.values()),
                "one logarithm over all directions, or one for each"))
        .parameter(
            Parameter.choice(
                "hardness_mode",
                List.of("none", "in_batch_negatives", "hard_negatives", "all_negatives"),
                "which negatives count more the more similar they are"))
        .parameter(
            Parameter.real(
                "hardness_strength", 0, Range.atLeast(0), "by how much, times the similarity"))
        .distanceWords("cosine", SIMILARITIES);
  }

  private static MultipleNegativesRankingLoss ranking(Arguments a, Composition with) {
    Set<MultipleNegativesRankingLoss.Direction> directions =
        EnumSet.noneOf(MultipleNegativesRankingLoss.Direction.class);
    a.words("directions")
        .forEach(word ->
            directions.add(
                MultipleNegativesRankingLoss.Direction.valueOf(word.toUpperCase(Locale.ROOT))));
    String mode = a.text("hardness_mode");
    return new MultipleNegativesRankingLoss(
        a.real("scale"),
        similarity(with),
        directions,
        MultipleNegativesRankingLoss.PartitionMode.valueOf(
            a.text("partition_mode").toUpperCase(Locale.ROOT)),
        mode.equals("none")
            ? null
            : MultipleNegativesRankingLoss.HardnessMode.valueOf(mode.toUpperCase(Locale.ROOT)),
        a.real("hardness_strength"));
  }

  private static SiameseDistanceMetric pairDistance(Composition with) {
    return named(with.word(), SiameseDistanceMetric.COSINE_DISTANCE, SiameseDistanceMetric::word);
  }

  private static SimilarityFunction similarity(Composition with) {
    return named(with.word(), SimilarityFunction.COSINE, SimilarityFunction::word);
  }

  /** The one of an enumeration that has this word. */
  private static <E extends Enum<E>> E named(
      @Nullable String word, E standard, Function<E, String> wordOf) {
    return Arrays.stream(standard.getDeclaringClass().getEnumConstants())
        .filter(each -> wordOf.apply(each).equals(word))
        .findFirst()
        .orElse(standard);
  }

  private static List<String> names(Enum<?>[] constants) {
    return Arrays.stream(constants).map(each -> each.name().toLowerCase(Locale.ROOT)).toList();
  }

  private static Parameter tripletMargin(String name) {
    return Parameter.real(
        name, 5, Range.FINITE, "how much farther a negative must be than a positive");
  }

  private static Parameter pairMargin() {
    return Parameter.real(
        "margin", 0.5, Range.FINITE, "up to which distance pairs with target 0 are pushed");
  }

  private static Parameter scale() {
    return Parameter.real("scale", 20, Range.above(0), "what similarities are multiplied by");
  }

  /** A loss of anchors, positives and perhaps negatives. */
  @FunctionalInterface
  private interface Triplets {
    Tensor forward(Tensor anchor, Tensor positive, Tensor... negatives);
  }

  /** A loss of pairs with targets. */
  @FunctionalInterface
  private interface Pairs {
    Tensor forward(Tensor anchor, Tensor positive, Tensor targets);
  }

  private static LossForm onTriplets(Triplets loss) {
    return new LossForm.OnRows((anchor, positive, negative, targets) -> {
      Tensor[] negatives = negative == null ? new Tensor[0] : new Tensor[] {negative};
      return new LossResult(loss.forward(anchor, positive, negatives), Map.of());
    });
  }

  private static LossForm onPairs(Pairs loss) {
    return new LossForm.OnRows((anchor, positive, negative, targets) ->
        new LossResult(loss.forward(anchor, positive, Objects.requireNonNull(targets)), Map.of()));
  }
}
