package dev.tripoint.catalog;

import dev.tripoint.catalog.Accepts.Need;
import dev.tripoint.catalog.DistanceChoice.Word;
import dev.tripoint.compat.st.AnglELoss;
import dev.tripoint.compat.st.BatchAllTripletLoss;
import dev.tripoint.compat.st.BatchHardSoftMarginTripletLoss;
import dev.tripoint.compat.st.BatchHardTripletLoss;
import dev.tripoint.compat.st.BatchHardTripletLossDistanceFunction;
import dev.tripoint.compat.st.BatchSemiHardTripletLoss;
import dev.tripoint.compat.st.CachedMultipleNegativesRankingLoss;
import dev.tripoint.compat.st.CachedMultipleNegativesSymmetricRankingLoss;
import dev.tripoint.compat.st.CoSENTLoss;
import dev.tripoint.compat.st.ContrastiveLoss;
import dev.tripoint.compat.st.ContrastiveTensionLoss;
import dev.tripoint.compat.st.ContrastiveTensionLossInBatchNegatives;
import dev.tripoint.compat.st.CosineSimilarityLoss;
import dev.tripoint.compat.st.EmbedDistillLoss;
import dev.tripoint.compat.st.GlobalOrthogonalRegularizationLoss;
import dev.tripoint.compat.st.MSELoss;
import dev.tripoint.compat.st.MarginMSELoss;
import dev.tripoint.compat.st.MatryoshkaLoss;
import dev.tripoint.compat.st.MegaBatchMarginLoss;
import dev.tripoint.compat.st.MultipleNegativesRankingLoss;
import dev.tripoint.compat.st.MultipleNegativesSymmetricRankingLoss;
import dev.tripoint.compat.st.OnlineContrastiveLoss;
import dev.tripoint.compat.st.SiameseDistanceMetric;
import dev.tripoint.compat.st.SimilarityFunction;
import dev.tripoint.compat.st.TripletDistanceMetric;
import dev.tripoint.compat.st.TripletLoss;
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

  private static final String AT_THE_MARGIN =
      "A triplet that meets its margin exactly has gradient 0; the reference lets it through. ";
  private static final String BY_MASKS = "Masks are taken in place of labels.";
  private static final String IN_BLOCKS = ", a block of scores at a time";

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
        triplet(),
        contrastive(),
        onlineContrastive(),
        cosineSimilarity(),
        coSent(),
        anglE(),
        multipleNegativesRanking(),
        cachedMultipleNegativesRanking(),
        multipleNegativesSymmetricRanking(),
        cachedMultipleNegativesSymmetricRanking(),
        megaBatchMargin(),
        marginMse(),
        embedDistill(),
        mse(),
        globalOrthogonalRegularization(),
        contrastiveTension(),
        contrastiveTensionInBatchNegatives(),
        matryoshka());
  }

  private static Part<LossForm> batchAll() {
    return overBatch(
        loss("st.BatchAllTripletLoss", Accepts.batch().byMasksToo())
            .summary("All triplets of the batch, averaged over those that cost more than nothing.")
            .formula(
                "sum over (a,p,n) of max(0, d(a,p) - d(a,n) + margin) / count of those > 1e-16")
            .parameter(tripletMargin("margin")),
        AT_THE_MARGIN + BY_MASKS,
        (a, d) -> new BatchAllTripletLoss(a.real("margin"), d));
  }

  private static Part<LossForm> batchHard() {
    return overBatch(
        loss("st.BatchHardTripletLoss", Accepts.batch().byMasksToo())
            .summary("For each row, its farthest positive against its nearest negative.")
            .formula("mean over a of max(0, max_p d(a,p) - min_n d(a,n) + margin)")
            .parameter(tripletMargin("margin")),
        AT_THE_MARGIN + BY_MASKS,
        (a, d) -> new BatchHardTripletLoss(a.real("margin"), d));
  }

  private static Part<LossForm> batchHardSoftMargin() {
    return overBatch(
        loss("st.BatchHardSoftMarginTripletLoss", Accepts.batch().byMasksToo())
            .summary(
                "For each row, its farthest positive against its nearest negative, without a margin.")
            .formula("mean over a of log(1 + exp(max_p d(a,p) - min_n d(a,n)))"),
        BY_MASKS,
        (a, d) -> new BatchHardSoftMarginTripletLoss(d));
  }

  private static Part<LossForm> batchSemiHard() {
    return overBatch(
        loss("st.BatchSemiHardTripletLoss", Accepts.batch().byMasksToo())
            .summary(
                "For each row and positive, the nearest negative that is farther, else the farthest negative.")
            .formula(
                "mean over (a,p) of max(0, d(a,p) - d(a,n) + margin), n the nearest with d(a,n) > d(a,p), else the farthest")
            .parameter(tripletMargin("margin")),
        BY_MASKS,
        (a, d) -> new BatchSemiHardTripletLoss(a.real("margin"), d));
  }

  private static Part<LossForm> triplet() {
    return loss("st.TripletLoss", Accepts.rows(Need.YES, Need.NO))
        .summary("Each anchor must be nearer to its positive than to its negative by a margin.")
        .formula("mean over rows of max(0, d(a,p) - d(a,n) + triplet_margin)")
        .parameter(tripletMargin("triplet_margin"))
        .distanceWords(
            "euclidean",
            new Word("euclidean", "|x - y|_2"),
            new Word("cosine", "1 - cosine"),
            new Word("manhattan", "|x - y|_1"))
        .makesWith((a, with) -> {
          var distance =
              named(with.word(), TripletDistanceMetric.EUCLIDEAN, TripletDistanceMetric::word);
          var loss = new TripletLoss(a.real("triplet_margin"), distance);
          return onTriplets(
              (anchor, positive, negatives) -> loss.forward(anchor, positive, negatives[0]));
        });
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

  private static Part<LossForm> onlineContrastive() {
    return loss("st.OnlineContrastiveLoss", Accepts.rows(Need.NO, Need.YES))
        .summary("The contrastive loss of those pairs that the other kind of pairs overlaps.")
        .formula(
            "sum of d^2 over t = 1, d > min d(t = 0), and of max(0, margin - d)^2 over t = 0, d < max d(t = 1)")
        .parameter(pairMargin())
        .distanceWords("cosine", PAIR_DISTANCES)
        .makesWith((a, with) ->
            onPairs(new OnlineContrastiveLoss(a.real("margin"), pairDistance(with))::forward));
  }

  private static Part<LossForm> cosineSimilarity() {
    return loss("st.CosineSimilarityLoss", Accepts.rows(Need.NO, Need.YES))
        .summary("The cosine of each pair against its target.")
        .formula("mean over pairs of (cos(a,p) - t)^2")
        .makes(a -> onPairs(new CosineSimilarityLoss()::forward));
  }

  private static Part<LossForm> coSent() {
    return loss("st.CoSENTLoss", Accepts.rows(Need.NO, Need.YES))
        .summary("Pairs must be as similar as the order of their targets says.")
        .formula("log(1 + sum over t_i < t_j of exp(scale (s_i - s_j)))")
        .parameter(anyScale())
        .distanceWords("cosine", SIMILARITIES)
        .makesWith((a, with) ->
            onPairs(new CoSENTLoss(a.real("scale"), similarity(with)::pairwise)::forward));
  }

  private static Part<LossForm> anglE() {
    return loss("st.AnglELoss", Accepts.rows(Need.OPTIONAL, Need.OPTIONAL))
        .summary(
            "The CoSENT loss of the angle between complex vectors; targets, or negatives, or both.")
        .formula("log(1 + sum over t_i < t_j of exp(scale (s_i - s_j))), s = |cos + sin|")
        .parameter(anyScale())
        .makes(a -> {
          var loss = new AnglELoss(a.real("scale"));
          return new LossForm.OnRows((anchor, positive, negative, targets) ->
              new LossResult(
                  loss.forward(anchor, positive, targets, negatives(negative)), Map.of()));
        });
  }

  private static Part<LossForm> multipleNegativesRanking() {
    return ranking("st.MultipleNegativesRankingLoss", "", List.of())
        .makesWith((a, with) -> onTriplets(ranking(a, with)::forward));
  }

  private static Part<LossForm> cachedMultipleNegativesRanking() {
    return ranking("st.CachedMultipleNegativesRankingLoss", IN_BLOCKS, List.of(miniBatchSize(32)))
        .makesWith((a, with) ->
            onTriplets(
                new CachedMultipleNegativesRankingLoss(
                        ranking(a, with), a.integer("mini_batch_size"))
                    ::forward));
  }

  private static Part<LossForm> multipleNegativesSymmetricRanking() {
    return symmetric("st.MultipleNegativesSymmetricRankingLoss", "")
        .makesWith((a, with) ->
            onTriplets(
                new MultipleNegativesSymmetricRankingLoss(a.real("scale"), similarity(with))
                    ::forward));
  }

  private static Part<LossForm> cachedMultipleNegativesSymmetricRanking() {
    return symmetric("st.CachedMultipleNegativesSymmetricRankingLoss", IN_BLOCKS)
        .parameter(miniBatchSize(32))
        .makesWith((a, with) ->
            onTriplets(
                new CachedMultipleNegativesSymmetricRankingLoss(
                        a.real("scale"), similarity(with), a.integer("mini_batch_size"))
                    ::forward));
  }

  private static Part<LossForm> megaBatchMargin() {
    return loss("st.MegaBatchMarginLoss", Accepts.rows(Need.NO, Need.NO))
        .summary(
            "Each pair above one cosine, and its anchor below another with the nearest other positive.")
        .formula(
            "mean over i of max(0, positive_margin - s_ii) + max(0, max over j != i of s_ij - negative_margin)")
        .parameter(
            Parameter.real("positive_margin", 0.8, Range.FINITE, "what a pair's cosine must reach"))
        .parameter(
            Parameter.real(
                "negative_margin", 0.3, Range.FINITE, "what other cosines must stay below"))
        .parameter(
            Parameter.flag(
                "use_mini_batched_version", true, "a block of cosines at a time, the same value"))
        .parameter(miniBatchSize(50))
        .makes(a -> {
          var loss =
              new MegaBatchMarginLoss(
                  a.real("positive_margin"),
                  a.real("negative_margin"),
                  a.flag("use_mini_batched_version"),
                  a.integer("mini_batch_size"));
          return onTriplets((anchor, positive, negatives) -> loss.forward(anchor, positive));
        });
  }

  private static Part<LossForm> marginMse() {
    return loss("st.MarginMSELoss", Accepts.rows(Need.YES, Need.YES))
        .summary("By how much positives are more similar than negatives, against targets.")
        .formula("mean over rows of (s(a,p) - s(a,n) - t)^2")
        .distanceWords("dot", SIMILARITIES)
        .makesWith((a, with) -> {
          SimilarityFunction similarity =
              named(with.word(), SimilarityFunction.DOT_PRODUCT, SimilarityFunction::word);
          var loss = new MarginMSELoss(similarity::pairwise);
          return new LossForm.OnRows((anchor, positive, negative, targets) ->
              new LossResult(
                  loss.forward(
                      anchor,
                      positive,
                      Objects.requireNonNull(targets),
                      Objects.requireNonNull(negative)),
                  Map.of()));
        });
  }

  private static Part<LossForm> embedDistill() {
    return loss("st.EmbedDistillLoss", Accepts.rows(Need.NO, Need.NO))
        .differs("The projection that the reference can learn is in the Java class alone.")
        .summary("A student's rows, the anchors, against a teacher's, the positives.")
        .formula("mean over rows of d(a,p), without gradient for p")
        .distanceWords(
            "cosine",
            new Word("cosine", "1 - cosine_similarity(x, y)"),
            new Word("mse", "the mean of (x - y)^2"),
            new Word("l2", "|x - y|_2"))
        .makesWith((a, with) -> {
          String word = with.word() == null ? "cosine" : with.word();
          var loss =
              new EmbedDistillLoss(
                  EmbedDistillLoss.DistanceMetric.valueOf(word.toUpperCase(Locale.ROOT)));
          return onTriplets((student, teacher, none) -> loss.forward(teacher, student));
        });
  }

  private static Part<LossForm> mse() {
    return loss("st.MSELoss", Accepts.rows(Need.NO, Need.NO))
        .differs("The projection that the reference can learn is in the Java class alone.")
        .summary("A student's rows, the anchors, against a teacher's, the positives.")
        .formula("mean of (a - p)^2 over all numbers, without gradient for p")
        .makes(
            a -> onTriplets((student, teacher, none) -> new MSELoss().forward(teacher, student)));
  }

  private static Part<LossForm> globalOrthogonalRegularization() {
    return loss("st.GlobalOrthogonalRegularizationLoss", Accepts.rows(Need.OPTIONAL, Need.NO))
        .summary("Spreads each matrix's rows as random directions would lie.")
        .formula(
            "mean over matrices of mean(s)^2 + max(0, mean(s^2) - 1/D), s of different rows of one")
        .parameter(Parameter.real("mean_weight", 1, Range.FINITE, "weighs the first term"))
        .parameter(
            Parameter.real("second_moment_weight", 1, Range.FINITE, "weighs the second term"))
        .parameter(Parameter.choice("aggregation", List.of("mean", "sum"), "over the matrices"))
        .distanceWords("cosine", SIMILARITIES)
        .makesWith((a, with) -> {
          var loss =
              new GlobalOrthogonalRegularizationLoss(
                  a.real("mean_weight"),
                  a.real("second_moment_weight"),
                  GlobalOrthogonalRegularizationLoss.Aggregation.valueOf(
                      a.text("aggregation").toUpperCase(Locale.ROOT)),
                  similarity(with));
          return new LossForm.OnRows((anchor, positive, negative, targets) ->
              negative == null
                  ? loss.compute(anchor, positive)
                  : loss.compute(anchor, positive, negative));
        });
  }

  private static Part<LossForm> contrastiveTension() {
    return loss("st.ContrastiveTensionLoss", Accepts.rows(Need.NO, Need.YES))
        .summary("Two models' rows: alike where the target is 1, unlike where it is 0.")
        .formula("sum over pairs of the binary cross entropy of the logit a . p and t")
        .makes(a -> onPairs(new ContrastiveTensionLoss()::forward));
  }

  private static Part<LossForm> contrastiveTensionInBatchNegatives() {
    return loss("st.ContrastiveTensionLossInBatchNegatives", Accepts.rows(Need.NO, Need.NO))
        .differs("The scale is exact; the reference takes it from a logarithm in float32.")
        .summary("Two models' rows, each among those of the other model, both ways.")
        .formula(
            "mean of two: log(sum over j of exp(scale s(a_i,p_j))) - scale s(a_i,p_i), and with a and p swapped")
        .parameter(scale())
        .distanceWords("cosine", SIMILARITIES)
        .makesWith((a, with) -> {
          var loss = new ContrastiveTensionLossInBatchNegatives(a.real("scale"), similarity(with));
          return onTriplets((first, second, none) -> loss.forward(first, second));
        });
  }

  private static Part<LossForm> matryoshka() {
    return loss("st.MatryoshkaLoss", Accepts.rows(Need.OPTIONAL, Need.OPTIONAL))
        .summary("Another loss of rows on the first numbers of each row, for several widths.")
        .formula("sum over widths w of weight_w loss(normalised x[:w])")
        .parameter(Parameter.requiredPart("loss", "a loss of explicit rows"))
        .parameter(Parameter.requiredList("matryoshka_dims", "the widths"))
        .parameter(
            Parameter.optionalList("matryoshka_weights", "a weight for each width; ones if absent"))
        .parameter(
            Parameter.integer(
                "n_dims_per_step",
                -1,
                Range.between(-1, Integer.MAX_VALUE),
                "how many widths are drawn at random; -1 for all"))
        .makes(a -> {
          LossForm.RowLoss inner = a.part("loss").rowLoss();
          List<Long> dims = a.list("matryoshka_dims").stream().map(StParts::whole).toList();
          List<Double> weights = a.listOrNull("matryoshka_weights");
          MatryoshkaLoss loss =
              (weights == null ? new MatryoshkaLoss(dims) : new MatryoshkaLoss(dims, weights))
                  .withDimsPerStep(a.integer("n_dims_per_step"), null);
          return new LossForm.OnRows((anchor, positive, negative, targets) ->
              new LossResult(
                  loss.forward(
                      rows ->
                          inner
                              .compute(
                                  rows.get(0),
                                  rows.get(1),
                                  negative == null ? null : rows.get(2),
                                  targets)
                              .loss(),
                      negative == null
                          ? new Tensor[] {anchor, positive}
                          : new Tensor[] {anchor, positive, negative}),
                  Map.of()));
        });
  }

  private static long whole(double value) {
    if (value != Math.rint(value)) {
      throw new IllegalArgumentException("matryoshka_dims must be whole numbers, not " + value);
    }
    return (long) value;
  }

  // What several entries share.

  private static Part.Builder<LossForm> loss(String name, Accepts accepts) {
    return Part.loss(name, accepts).reference(REFERENCE);
  }

  private static Part<LossForm> overBatch(
      Part.Builder<LossForm> builder,
      String deviation,
      BiFunction<Arguments, BatchHardTripletLossDistanceFunction, Loss> make) {
    return builder
        .differs(deviation)
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

  private static Part.Builder<LossForm> ranking(
      String name, String how, List<Parameter> afterScale) {
    Part.Builder<LossForm> builder = loss(name, Accepts.rows(Need.OPTIONAL, Need.NO));
    builder
        .summary("Each anchor's positive against all other rows of the batch" + how + ".")
        .formula("mean over i of log(sum over j of exp(scale s(a_i,p_j))) - scale s(a_i,p_i)")
        .parameter(scale());
    afterScale.forEach(builder::parameter);
    return builder
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

  private static Part.Builder<LossForm> symmetric(String name, String how) {
    return loss(name, Accepts.rows(Need.OPTIONAL, Need.NO))
        .summary(
            "Each anchor's positive against all other rows, and each positive's anchor" + how + ".")
        .formula(
            "mean of two: log(sum over j of exp(scale s(a_i,p_j))) - scale s(a_i,p_i), and with a and p swapped")
        .parameter(scale())
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

  private static Parameter anyScale() {
    return Parameter.real("scale", 20, Range.FINITE, "what similarities are multiplied by");
  }

  private static Parameter miniBatchSize(long standard) {
    return Parameter.integer(
        "mini_batch_size",
        standard,
        Range.between(1, Integer.MAX_VALUE),
        "how many rows of scores are held at a time");
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
    return new LossForm.OnRows((anchor, positive, negative, targets) ->
        new LossResult(loss.forward(anchor, positive, negatives(negative)), Map.of()));
  }

  private static Tensor[] negatives(@Nullable Tensor negative) {
    return negative == null ? new Tensor[0] : new Tensor[] {negative};
  }

  private static LossForm onPairs(Pairs loss) {
    return new LossForm.OnRows((anchor, positive, negative, targets) ->
        new LossResult(loss.forward(anchor, positive, Objects.requireNonNull(targets)), Map.of()));
  }
}
