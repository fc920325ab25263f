package dev.tripoint.catalog;

import dev.tripoint.distance.WithDistance;
import dev.tripoint.loss.ContrastiveLoss;
import dev.tripoint.loss.MetricLoss;
import dev.tripoint.loss.MultiSimilarityLoss;
import dev.tripoint.loss.NTXentLoss;
import dev.tripoint.reducer.WithReducer;
import java.util.List;
import java.util.function.Function;

/** The pair losses of pytorch-metric-learning, beside its triplet loss. */
final class PmlPairLosses {
  private static final String AVERAGE = "pml.AvgNonZeroReducer";
  private static final String COSINE = "pml.CosineSimilarity";
  private static final String MEAN = "pml.MeanReducer";

  private PmlPairLosses() {}

  static List<Part<?>> all() {
    return List.of(contrastive(), multiSimilarity(), ntXent());
  }

  private static Part<LossForm> contrastive() {
    return made(
        loss("ContrastiveLoss")
            .summary("Draws each positive pair together and pushes each negative pair apart.")
            .formula(
                "max(0, d(a,p) - pos_margin) and max(0, neg_margin - d(a,n)) (similarities the other way round)")
            .parameter(posMargin())
            .parameter(negMargin())
            .anyDistance(PmlParts.LP)
            .anyReducer(AVERAGE),
        a -> new ContrastiveLoss(a.real("pos_margin"), a.real("neg_margin")));
  }

  private static Part<LossForm> multiSimilarity() {
    return made(
        loss("MultiSimilarityLoss")
            .summary("Weighs each anchor's pairs by how similar they are beside its others.")
            .formula(
                "log(1 + sum_p exp(alpha (base - s(a,p)))) / alpha + log(1 + sum_n exp(beta (s(a,n) - base))) / beta")
            .parameter(Parameter.real("alpha", 2, Range.above(0), "the weight of positives"))
            .parameter(Parameter.real("beta", 50, Range.above(0), "the weight of negatives"))
            .parameter(
                Parameter.real("base", 0.5, Range.FINITE, "what similarities are compared with"))
            .anyDistance(COSINE)
            .anyReducer(MEAN),
        a -> new MultiSimilarityLoss(a.real("alpha"), a.real("beta"), a.real("base")));
  }

  private static Part<LossForm> ntXent() {
    return made(
        loss("NTXentLoss")
            .summary("Cross entropy of each positive pair among the negatives of its anchor.")
            .formula(
                "-log(exp(s(a,p) / t) / (exp(s(a,p) / t) + sum_n exp(s(a,n) / t))), t the temperature")
            .parameter(temperature(0.07))
            .anyDistance(COSINE)
            .anyReducer(MEAN),
        a -> new NTXentLoss(a.real("temperature")));
  }

  private static Parameter posMargin() {
    return Parameter.real(
        "pos_margin", 0, Range.FINITE, "how far apart positives may be, or how alike enough");
  }

  private static Parameter negMargin() {
    return Parameter.real(
        "neg_margin", 1, Range.FINITE, "how far apart negatives must be, or how alike they may be");
  }

  private static Parameter temperature(double standard) {
    return Parameter.real(
        "temperature", standard, Range.above(0), "what similarities are divided by");
  }

  private static Part.Builder<LossForm> loss(String name) {
    return Part.loss("pml." + name, Accepts.batchWithTuples()).reference(PmlParts.REFERENCE);
  }

  private static <L extends MetricLoss & WithDistance<L> & WithReducer<L>> Part<LossForm> made(
      Part.Builder<LossForm> part, Function<Arguments, L> loss) {
    return part.makesWith((a, with) -> new LossForm.OnBatch(with.onto(loss.apply(a))));
  }
}
