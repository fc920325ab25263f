package dev.tripoint.catalog;

import dev.tripoint.loss.MaskedTripletLoss;
import dev.tripoint.miner.HardNegatives;
import java.util.List;
import java.util.Locale;

/** Losses over scores with a mask of the positives. */
final class MaskedParts {
  private MaskedParts() {}

  static List<Part<?>> all() {
    return List.of(tripletLoss());
  }

  private static Part<LossForm> tripletLoss() {
    return Part.loss("masked.TripletLoss", Accepts.scores())
        .reference("hard negatives with several positives an anchor, cosine form")
        .summary("The triplet loss over one hard negative for each positive of each anchor.")
        .formula("mean over mined (a,p,n) of max(0, (1 - s(a,p)) - (1 - s(a,n)) + alpha)")
        .parameter(
            Parameter.requiredReal(
                "alpha", Range.FINITE, "how much farther a negative must be than a positive"))
        .parameter(
            Parameter.choice(
                "strategy",
                List.of("hardest", "hard", "semihard", "easy"),
                "which negatives may be chosen"))
        .makes(a -> {
          double alpha = a.real("alpha");
          var strategy =
              HardNegatives.Strategy.valueOf(a.text("strategy").toUpperCase(Locale.ROOT));
          return new LossForm.OnScores((scores, mask, ignored, distances, keepDiagonal) ->
              new MaskedTripletLoss(alpha, strategy, distances, keepDiagonal)
                  .compute(scores, mask, ignored));
        });
  }
}
