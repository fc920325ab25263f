package dev.tripoint.catalog;

import dev.tripoint.loss.AngularLoss;
import dev.tripoint.loss.FastAPLoss;
import dev.tripoint.loss.NPairsLoss;
import java.util.List;

/** The losses of pytorch-metric-learning that rank, cluster or compare whole batches. */
final class PmlListLosses {
  private PmlListLosses() {}

  static List<Part<?>> all() {
    return List.of(angular(), nPairs(), fastAp());
  }

  private static Part<LossForm> angular() {
    return loss("pml.AngularLoss", Accepts.batchWithTuples())
        .summary("The angle at each negative, seen over the two ends of a positive pair.")
        .formula(
            "log(1 + sum_n exp(4 tan(alpha)^2 (a + p).n - 2 (1 + tan(alpha)^2) a.p)) for each positive pair (a, p normalised)")
        .parameter(
            Parameter.real("alpha", 40, Range.FINITE, "the angle at the negative, in degrees"))
        .anyReducer("pml.MeanReducer")
        .makesWith(
            (a, with) -> new LossForm.OnBatch(with.ontoReducer(new AngularLoss(a.real("alpha")))));
  }

  private static Part<LossForm> nPairs() {
    return loss("pml.NPairsLoss", Accepts.batchWithTuples().withoutReferences().byLabelsAlone())
        .summary("One positive pair of each class, told apart from the positives of all classes.")
        .formula("-log softmax_j(s(a_i, p_j))[i] for the first pair of each class i")
        .anyDistance("pml.DotProductSimilarity")
        .anyReducer("pml.MeanReducer")
        .makesWith((a, with) -> new LossForm.OnBatch(with.onto(new NPairsLoss())));
  }

  private static Part<LossForm> fastAp() {
    return loss("pml.FastAPLoss", Accepts.batchWithTuples().withoutReferences())
        .summary("The average precision of each row, from 1, by histograms of its distances.")
        .formula("1 - sum_b h+(b) H+(b) / H(b) / N+ for each row with positives, H cumulative")
        .parameter(
            Parameter.integer(
                "num_bins",
                10,
                Range.between(1, Integer.MAX_VALUE),
                "how many parts the distances are cut into"))
        .anyDistance(PmlParts.LP)
        .anyReducer("pml.MeanReducer")
        .makesWith((a, with) ->
            new LossForm.OnBatch(with.onto(new FastAPLoss((int) a.integer("num_bins")))));
  }

  private static Part.Builder<LossForm> loss(String name, Accepts accepts) {
    return Part.loss(name, accepts).reference(PmlParts.REFERENCE);
  }
}
