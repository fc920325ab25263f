package dev.tripoint.catalog;

import dev.tripoint.distance.WithDistance;
import dev.tripoint.loss.CircleLoss;
import dev.tripoint.loss.ContrastiveLoss;
import dev.tripoint.loss.GeneralizedLiftedStructureLoss;
import dev.tripoint.loss.IntraPairVarianceLoss;
import dev.tripoint.loss.LiftedStructureLoss;
import dev.tripoint.loss.MarginLoss;
import dev.tripoint.loss.MetricLoss;
import dev.tripoint.loss.MultiSimilarityLoss;
import dev.tripoint.loss.NCALoss;
import dev.tripoint.loss.NTXentLoss;
import dev.tripoint.loss.SignalToNoiseRatioContrastiveLoss;
import dev.tripoint.loss.SupConLoss;
import dev.tripoint.loss.TupletMarginLoss;
import dev.tripoint.reducer.WithReducer;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Function;

/** The pair losses of pytorch-metric-learning, beside its triplet loss. */
final class PmlPairLosses {
  private static final String AVERAGE = "pml.AvgNonZeroReducer";
  private static final String COSINE = "pml.CosineSimilarity";
  private static final String MEAN = "pml.MeanReducer";

  private PmlPairLosses() {}

  static List<Part<?>> all() {
    return List.of(
        contrastive(),
        signalToNoise(),
        intraPairVariance(),
        multiSimilarity(),
        supCon(),
        circle(),
        generalizedLiftedStructure(),
        ntXent(),
        liftedStructure(),
        tupletMargin(),
        nca(),
        margin());
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
            .differs(
                "Losses below the rounding of 1 stay above 0, so a reducer that counts losses above 0 counts them; the reference rounds them to 0.")
            .summary("Cross entropy of each positive pair among the negatives of its anchor.")
            .formula(
                "-log(exp(s(a,p) / t) / (exp(s(a,p) / t) + sum_n exp(s(a,n) / t))), t the temperature")
            .parameter(temperature(0.07))
            .anyDistance(COSINE)
            .anyReducer(MEAN),
        a -> new NTXentLoss(a.real("temperature")));
  }

  private static Part<LossForm> signalToNoise() {
    return made(
        loss("SignalToNoiseRatioContrastiveLoss")
            .summary("The contrastive loss with the signal-to-noise distance and no other.")
            .formula(
                "max(0, d(a,p) - pos_margin) and max(0, neg_margin - d(a,n)), d = var(a - x) / var(a)")
            .parameter(posMargin())
            .parameter(negMargin())
            .anyDistance("pml.SNRDistance")
            .anyReducer(AVERAGE),
        a -> new SignalToNoiseRatioContrastiveLoss(a.real("pos_margin"), a.real("neg_margin")));
  }

  private static Part<LossForm> intraPairVariance() {
    return made(
        loss("IntraPairVarianceLoss")
            .summary("Draws positive pairs that fall behind, and negative pairs, to their mean.")
            .formula(
                "max(0, (1 - pos_eps) mean s(.,p) - s(a,p))^2 and max(0, s(a,n) - (1 + neg_eps) mean s(.,n))^2")
            .parameter(
                Parameter.real(
                    "pos_eps", 0.01, Range.FINITE, "how far below the mean a positive may be"))
            .parameter(
                Parameter.real(
                    "neg_eps", 0.01, Range.FINITE, "how far above the mean a negative may be"))
            .anyDistance(COSINE)
            .anyReducer(MEAN),
        a -> new IntraPairVarianceLoss(a.real("pos_eps"), a.real("neg_eps")));
  }

  private static Part<LossForm> supCon() {
    return made(
        loss("SupConLoss")
            .summary("Cross entropy of each anchor's positives among all its pairs.")
            .formula(
                "- mean_p log(exp(s(a,p) / t) / sum over p and n of exp(s / t)), t the temperature")
            .parameter(temperature(0.1))
            .anyDistance(COSINE)
            .anyReducer(AVERAGE),
        a -> new SupConLoss(a.real("temperature")));
  }

  private static Part<LossForm> circle() {
    return made(
        loss("CircleLoss")
            .summary("Weighs each similarity by how far it is from where it should be.")
            .formula(
                "softplus(log sum_p exp(-gamma max(0, 1 + m - s) (s - 1 + m)) + log sum_n exp(gamma max(0, s + m) (s - m)))")
            .parameter(Parameter.real("m", 0.4, Range.FINITE, "the relaxation of the boundary"))
            .parameter(Parameter.real("gamma", 80, Range.FINITE, "the scale"))
            .anyDistance(COSINE)
            .anyReducer(AVERAGE),
        a -> new CircleLoss(a.real("m"), a.real("gamma")));
  }

  private static Part<LossForm> generalizedLiftedStructure() {
    return made(
        loss("GeneralizedLiftedStructureLoss")
            .summary("For each anchor, all its positives against all its negatives.")
            .formula(
                "max(0, log sum_p exp(d(a,p) - pos_margin) + log sum_n exp(neg_margin - d(a,n)))")
            .parameter(negMargin())
            .parameter(posMargin())
            .anyDistance(PmlParts.LP)
            .anyReducer(MEAN),
        a -> new GeneralizedLiftedStructureLoss(a.real("neg_margin"), a.real("pos_margin")));
  }

  private static Part<LossForm> liftedStructure() {
    return made(
        loss("LiftedStructureLoss")
            .summary("Each positive pair against the negatives of both its rows.")
            .formula(
                "max(0, log sum exp(neg_margin - d(a,n) or d(p,n)) + d(a,p) - pos_margin)^2 / 2")
            .parameter(negMargin())
            .parameter(posMargin())
            .anyDistance(PmlParts.LP)
            .anyReducer(MEAN),
        a -> new LiftedStructureLoss(a.real("neg_margin"), a.real("pos_margin")));
  }

  private static Part<LossForm> tupletMargin() {
    return made(
        loss("TupletMarginLoss")
            .differs("Parallel rows have a finite gradient; the reference gives NaN.")
            .summary("Each positive pair, a margin of angle apart, among its anchor's negatives.")
            .formula("log(1 + sum_n exp(scale (cos angle(a,n) - cos(angle(a,p) - margin))))")
            .parameter(Parameter.real("margin", 5.73, Range.FINITE, "the margin in degrees"))
            .parameter(Parameter.real("scale", 64, Range.FINITE, "what cosines are multiplied by"))
            .anyDistance(COSINE)
            .anyReducer(MEAN),
        a -> new TupletMarginLoss(a.real("margin"), a.real("scale")));
  }

  private static Part<LossForm> nca() {
    return made(
        loss("NCALoss")
            .differs(
                "A batch in which no row has a share of its class costs 0; the reference gives NaN.")
            .summary("For each row, how much of a softmax over all others its class has.")
            .formula("-log sum_p softmax(-softmax_scale d(a,.))(p)")
            .parameter(
                Parameter.real(
                    "softmax_scale", 1, Range.above(0), "what similarities are multiplied by"))
            .anyDistance(PmlParts.LP)
            .anyReducer(MEAN),
        a -> new NCALoss(a.real("softmax_scale")));
  }

  private static Part<LossForm> margin() {
    return Part.loss("pml.MarginLoss", Accepts.batchWithTuples().withWeights(Accepts.Need.OPTIONAL))
        .reference(PmlParts.REFERENCE)
        .differs(
            "Labels outside 0 to num_classes - 1 are refused; the reference reads other betas for negative ones.")
        .summary("Positives within and negatives beyond a boundary, which may be learnt.")
        .formula(
            "max(0, d(a,p) - beta + margin) + max(0, beta - d(a,n) + margin), and nu beta where it is learnt")
        .parameter(
            Parameter.real("margin", 0.2, Range.FINITE, "how far from the boundary they should be"))
        .parameter(Parameter.real("nu", 0, Range.FINITE, "what a learnt boundary costs itself"))
        .parameter(Parameter.real("beta", 1.2, Range.FINITE, "the boundary, to begin with"))
        .parameter(
            Parameter.integerOr(
                "triplets_per_anchor",
                "all",
                Range.between(1, Integer.MAX_VALUE),
                "how many triplets to draw for each anchor"))
        .parameter(Parameter.flag("learn_beta", false, "whether the boundary is learnt"))
        .parameter(
            Parameter.optionalInteger(
                "num_classes",
                Range.between(1, Integer.MAX_VALUE),
                "how many classes have a boundary each"))
        .anyDistance(PmlParts.LP)
        .anyReducer("pml.DivisorReducer")
        .makesWith((a, with) -> new LossForm.OnBatch(with.onto(marginLoss(a, with))));
  }

  private static MarginLoss marginLoss(Arguments a, Composition with) {
    OptionalInt classes =
        a.has("num_classes") ? OptionalInt.of((int) a.integer("num_classes")) : OptionalInt.empty();
    var beta =
        new MarginLoss.Boundary(a.real("beta"), classes, a.flag("learn_beta"), with.weights());
    var loss = new MarginLoss(a.real("margin"), a.real("nu"), beta);
    String count = a.text("triplets_per_anchor");
    return count.equals("all") ? loss : loss.withTripletsPerAnchor(Integer.parseInt(count));
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
