package dev.tripoint.catalog;

import dev.tripoint.loss.TripletMarginLoss;
import java.util.List;

/** The losses of pytorch-metric-learning. */
final class PmlLosses {
  private PmlLosses() {}

  static List<Part<?>> all() {
    return List.of(tripletMargin());
  }

  private static Part<LossForm> tripletMargin() {
    return Part.loss("pml.TripletMarginLoss", Accepts.batchWithTuples())
        .reference(PmlParts.REFERENCE)
        .differs(
            "With swap and references, the distance of positive and negative is taken among the references; the reference looks it up in the matrix of embeddings and references, which fails or takes other rows.")
        .summary("The triplet margin loss over all triplets of a batch, or over mined ones.")
        .formula(
            "max(0, d(a,p) - d(a,n) + margin) for each triplet (similarities the other way round)")
        .parameter(
            Parameter.real(
                "margin",
                0.05,
                Range.FINITE,
                "how much farther a negative must be than a positive"))
        .parameter(
            Parameter.flag(
                "swap", false, "take d(p,n) in place of d(a,n) where it violates the margin more"))
        .parameter(Parameter.flag("smooth_loss", false, "softplus in place of max(0, .)"))
        .parameter(
            Parameter.integerOr(
                "triplets_per_anchor",
                "all",
                Range.between(1, Integer.MAX_VALUE),
                "how many triplets to draw for each anchor"))
        .anyDistance(PmlParts.LP)
        .anyReducer("pml.AvgNonZeroReducer")
        .makesWith((a, with) -> {
          var loss = new TripletMarginLoss(a.real("margin"), a.flag("swap"), a.flag("smooth_loss"));
          String count = a.text("triplets_per_anchor");
          if (!count.equals("all")) {
            loss = loss.withTripletsPerAnchor(Integer.parseInt(count));
          }
          return new LossForm.OnBatch(with.onto(loss));
        });
  }
}
