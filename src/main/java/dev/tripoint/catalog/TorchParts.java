package dev.tripoint.catalog;

import dev.tripoint.catalog.Accepts.Need;
import dev.tripoint.catalog.DistanceChoice.Word;
import dev.tripoint.distance.CDist;
import dev.tripoint.distance.Distance;
import dev.tripoint.loss.LossResult;
import dev.tripoint.nn.CosineEmbeddingLoss;
import dev.tripoint.nn.CosineSimilarity;
import dev.tripoint.nn.Functional;
import dev.tripoint.nn.MarginRankingLoss;
import dev.tripoint.nn.PairwiseDistance;
import dev.tripoint.nn.Reduction;
import dev.tripoint.nn.TripletMarginLoss;
import dev.tripoint.nn.TripletMarginWithDistanceLoss;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/** The losses and distances of torch. */
final class TorchParts {
  private static final String REFERENCE = "torch.nn 2.13.0";
  private static final String FUNCTIONS = "torch 2.13.0";

  private TorchParts() {}

  static List<Part<?>> all() {
    return List.of(
        tripletMarginLoss(),
        tripletMarginWithDistanceLoss(),
        cosineEmbeddingLoss(),
        marginRankingLoss(),
        pairwiseDistance(),
        cosineSimilarity(),
        cdist());
  }

  private static Part<LossForm> cosineEmbeddingLoss() {
    return Part.loss("torch.CosineEmbeddingLoss", Accepts.rows(Need.NO, Need.YES))
        .reference(REFERENCE)
        .summary("Pairs of target 1 must be alike by cosine, pairs of target -1 must not.")
        .formula("1 - cos(a,p) where the target is 1; max(0, cos(a,p) - margin) where it is -1")
        .parameter(
            Parameter.real("margin", 0, Range.FINITE, "the cosine that unlike rows may have"))
        .parameter(reduction())
        .makes(a -> {
          var loss = new CosineEmbeddingLoss(a.real("margin"), reduction(a));
          return targets(loss::forward);
        });
  }

  private static Part<LossForm> marginRankingLoss() {
    return Part.loss("torch.MarginRankingLoss", Accepts.rows(Need.NO, Need.YES))
        .reference(REFERENCE)
        .summary("Where the target is 1 the first score must be the greater, where -1 the second.")
        .formula("max(0, -target (a - p) + margin), for each column of a row")
        .parameter(Parameter.real("margin", 0, Range.FINITE, "by how much"))
        .parameter(reduction())
        .makes(a -> {
          var loss = new MarginRankingLoss(a.real("margin"), reduction(a));
          // Scores are columns; a row's target holds for each of them.
          return targets((x1, x2, target) -> loss.forward(x1, x2, target.unsqueeze(1)));
        });
  }

  private static Part<Distance> pairwiseDistance() {
    return Part.distance("torch.PairwiseDistance")
        .reference(REFERENCE)
        .summary("The norm of the difference, to which a little is added, of rows as they are.")
        .formula("|x - y + eps|_p")
        .parameter(Parameter.real("p", 2, Range.FINITE.withHigh(), "the norm"))
        .parameter(Parameter.real("eps", 1e-6, Range.FINITE, "added to each difference"))
        .makes(a -> Distance.ofRows(new PairwiseDistance(a.real("p"), a.real("eps"), false)));
  }

  private static Part<Distance> cosineSimilarity() {
    return Part.distance("torch.cosine_similarity")
        .reference(FUNCTIONS)
        .summary("The cosine of the angle: a similarity.")
        .formula("x . y / (max(|x|_2, eps) max(|y|_2, eps))")
        .parameter(
            Parameter.real("eps", 1e-8, Range.atLeast(0), "what smaller norms are replaced by"))
        .makes(a -> Distance.similarity(Distance.ofRows(new CosineSimilarity(-1, a.real("eps")))));
  }

  private static Part<Distance> cdist() {
    return Part.distance("torch.cdist")
        .reference(FUNCTIONS)
        .summary("The norm of the difference of rows as they are.")
        .formula("|x - y|_p")
        .parameter(Parameter.real("p", 2, Range.atLeast(0).withHigh(), "the norm"))
        .parameter(
            Parameter.choice(
                "compute_mode",
                List.of(
                    "use_mm_for_euclid_dist_if_necessary",
                    "use_mm_for_euclid_dist",
                    "donot_use_mm_for_euclid_dist"),
                "whether p = 2 goes by a matrix product, which is less exact near 0"))
        .makes(a ->
            new CDist(
                a.real("p"),
                CDist.ComputeMode.valueOf(a.text("compute_mode").toUpperCase(Locale.ROOT))));
  }

  private static Part<LossForm> tripletMarginLoss() {
    return Part.loss("torch.TripletMarginLoss", Accepts.rows(Need.YES, Need.NO))
        .reference(REFERENCE)
        .summary("Each anchor must be nearer to its positive than to its negative by a margin.")
        .formula("max(0, |a - p + eps|_p - |a - n + eps|_p + margin), row by row")
        .parameter(margin())
        .parameter(Parameter.real("p", 2, Range.atLeast(0).withHigh(), "the norm"))
        .parameter(Parameter.real("eps", 1e-6, Range.FINITE, "added to each difference"))
        .parameter(swap())
        .parameter(reduction())
        .makes(a -> {
          var loss =
              new TripletMarginLoss(
                  a.real("margin"), a.real("p"), a.real("eps"), a.flag("swap"), reduction(a));
          return triplets(loss::forward);
        });
  }

  private static Part<LossForm> tripletMarginWithDistanceLoss() {
    return Part.loss("torch.TripletMarginWithDistanceLoss", Accepts.rows(Need.YES, Need.NO))
        .reference(REFERENCE)
        .summary("The triplet margin loss with a distance of your choice.")
        .formula("max(0, d(a,p) - d(a,n) + margin), row by row")
        .parameter(margin())
        .parameter(swap())
        .parameter(reduction())
        .distanceWords(
            "euclidean",
            new Word("euclidean", "torch.nn.PairwiseDistance: |x - y + 1e-6|_2"),
            new Word("cosine", "1 - cosine_similarity(x, y)"),
            new Word("l1", "sum of |x - y|"),
            new Word("linf", "greatest |x - y|"))
        .makesWith((a, with) -> {
          var loss =
              new TripletMarginWithDistanceLoss(
                  distance(with.word()), a.real("margin"), a.flag("swap"), reduction(a));
          return triplets(loss::forward);
        });
  }

  private static BinaryOperator<Tensor> distance(@Nullable String word) {
    return switch (word) {
      case "cosine" -> (x, y) -> Functional.cosineSimilarity(x, y).rsub(1);
      case "l1" -> (x, y) -> x.sub(y).abs().sum(1);
      case "linf" -> (x, y) -> x.sub(y).abs().max(1, false).values();
      case null, default -> new PairwiseDistance();
    };
  }

  /** A loss of three matrices. */
  @FunctionalInterface
  private interface Triplets {
    Tensor forward(Tensor anchor, Tensor positive, Tensor negative);
  }

  private static LossForm triplets(Triplets loss) {
    return new LossForm.OnRows((anchor, positive, negative, targets) ->
        new LossResult(loss.forward(anchor, positive, Objects.requireNonNull(negative)), Map.of()));
  }

  /** A loss of two matrices and a target for each row. */
  @FunctionalInterface
  private interface Targets {
    Tensor forward(Tensor anchor, Tensor positive, Tensor target);
  }

  private static LossForm targets(Targets loss) {
    return new LossForm.OnRows((anchor, positive, negative, targets) ->
        new LossResult(loss.forward(anchor, positive, Objects.requireNonNull(targets)), Map.of()));
  }

  private static Parameter margin() {
    return Parameter.real(
        "margin", 1, Range.above(0), "how much farther a negative must be than a positive");
  }

  private static Parameter swap() {
    return Parameter.flag("swap", false, "take d(p,n) in place of d(a,n) where it is the smaller");
  }

  private static Parameter reduction() {
    return Parameter.choice(
        "reduction", List.of("mean", "sum", "none"), "what becomes of the rows' losses");
  }

  private static Reduction reduction(Arguments arguments) {
    return Reduction.valueOf(arguments.text("reduction").toUpperCase(Locale.ROOT));
  }
}
