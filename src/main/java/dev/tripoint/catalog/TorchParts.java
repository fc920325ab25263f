package dev.tripoint.catalog;

import dev.tripoint.catalog.Accepts.Need;
import dev.tripoint.catalog.DistanceChoice.Word;
import dev.tripoint.loss.LossResult;
import dev.tripoint.nn.Functional;
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

/** The losses of torch.nn. */
final class TorchParts {
  private static final String REFERENCE = "torch.nn 2.13.0";

  private TorchParts() {}

  static List<Part<?>> all() {
    return List.of(tripletMarginLoss(), tripletMarginWithDistanceLoss());
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
