package dev.tripoint.catalog;

import dev.tripoint.loss.AngularLoss;
import dev.tripoint.loss.CentroidTripletLoss;
import dev.tripoint.loss.DynamicSoftMarginLoss;
import dev.tripoint.loss.FastAPLoss;
import dev.tripoint.loss.HistogramLoss;
import dev.tripoint.loss.ManifoldLoss;
import dev.tripoint.loss.NPairsLoss;
import dev.tripoint.loss.PNPLoss;
import dev.tripoint.loss.RankedListLoss;
import dev.tripoint.loss.SmoothAPLoss;
import dev.tripoint.loss.ThresholdConsistentMarginLoss;
import dev.tripoint.loss.VICRegLoss;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Locale;

/** The losses of pytorch-metric-learning that rank, cluster or compare whole batches. */
final class PmlListLosses {
  private static final String COSINE = "pml.CosineSimilarity";
  private static final String MEAN = "pml.MeanReducer";

  private PmlListLosses() {}

  static List<Part<?>> all() {
    return List.of(
        angular(),
        nPairs(),
        fastAp(),
        histogram(),
        pnp(),
        rankedList(),
        smoothAp(),
        thresholdConsistentMargin(),
        vicReg(),
        dynamicSoftMargin(),
        centroidTriplet(),
        manifold());
  }

  private static Part<LossForm> angular() {
    return loss("pml.AngularLoss", Accepts.batchWithTuples())
        .differs("Without negatives the recorded average angle is 0; the reference records NaN.")
        .summary("The angle at each negative, seen over the two ends of a positive pair.")
        .formula(
            "log(1 + sum_n exp(4 tan(alpha)^2 (a + p).n - 2 (1 + tan(alpha)^2) a.p)) for each positive pair (a, p normalised)")
        .parameter(
            Parameter.real("alpha", 40, Range.FINITE, "the angle at the negative, in degrees"))
        .anyReducer(MEAN)
        .makesWith(
            (a, with) -> new LossForm.OnBatch(with.ontoReducer(new AngularLoss(a.real("alpha")))));
  }

  private static Part<LossForm> nPairs() {
    return loss("pml.NPairsLoss", Accepts.batchWithTuples().withoutReferences().byLabelsAlone())
        .summary("One positive pair of each class, told apart from the positives of all classes.")
        .formula("-log softmax_j(s(a_i, p_j))[i] for the first pair of each class i")
        .anyDistance("pml.DotProductSimilarity")
        .anyReducer(MEAN)
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
        .anyReducer(MEAN)
        .makesWith((a, with) ->
            new LossForm.OnBatch(with.onto(new FastAPLoss((int) a.integer("num_bins")))));
  }

  private static Part<LossForm> histogram() {
    return loss("pml.HistogramLoss", Accepts.batchWithTuples().withoutReferences())
        .differs("A similarity of exactly 1 goes to the last bin; the reference fails on it.")
        .summary("How likely a negative pair is more similar than a positive one, by histograms.")
        .formula("sum_b h-(b) H+(b), with linearly shared bins of similarities, H cumulative")
        .parameter(
            Parameter.optionalInteger(
                "n_bins",
                Range.between(1, Integer.MAX_VALUE),
                "how many bins lie between -1 and 1; 100 where delta is missing, too"))
        .parameter(
            Parameter.optionalReal(
                "delta", new Range(0, false, 2, true), "how wide a bin is; 2 / n_bins"))
        .anyDistance(COSINE)
        .anyReducer(MEAN)
        .makesWith((a, with) -> {
          var loss = new HistogramLoss();
          Double delta = a.realOrNull("delta");
          if (a.has("n_bins")) {
            loss = loss.withBins((int) a.integer("n_bins"));
            if (delta != null && delta != loss.delta()) {
              throw new IllegalArgumentException(
                  "n_bins and delta must agree: delta is 2 / n_bins");
            }
          } else if (delta != null) {
            loss = loss.withDelta(delta);
          }
          return new LossForm.OnBatch(with.onto(loss));
        });
  }

  private static Part<LossForm> pnp() {
    return loss("pml.PNPLoss", Accepts.batch().byMasksToo())
        .summary("A price on the number of negatives that stand before each positive.")
        .formula(
            "mean of f(R), R = sum_n sigmoid((s(a,n) - s(a,p)) / anneal); f(R) = R for variant O")
        .parameter(Parameter.real("b", 2, Range.FINITE, "how soon variant Ib grows"))
        .parameter(Parameter.real("alpha", 1, Range.FINITE, "the power of variant Dq"))
        .parameter(
            Parameter.real("anneal", 0.01, Range.above(0), "the width of the step that counts"))
        .parameter(
            Parameter.choice(
                "variant",
                List.of("Ds", "Dq", "Iu", "Ib", "O"),
                "O",
                "the price of R: log(1+R), 1-(1+R)^-alpha, (1+R)log(1+R), (bR-log(1+bR))/b^2 or R"))
        .anyDistance(COSINE)
        .anyReducer(MEAN)
        .makesWith((a, with) ->
            new LossForm.OnBatch(
                with.onto(
                    new PNPLoss(PNPLoss.Variant.valueOf(a.text("variant").toUpperCase(Locale.ROOT)))
                        .withB(a.real("b"))
                        .withAlpha(a.real("alpha"))
                        .withAnneal(a.real("anneal")))));
  }

  private static Part<LossForm> rankedList() {
    return loss("pml.RankedListLoss", Accepts.batch().byMasksToo())
        .summary("Negatives beyond alpha and positives within alpha - margin, as weighted means.")
        .formula(
            "(1-imbalance) mean_w(d(a,p) - (alpha - margin)) + imbalance mean_w(alpha - d(a,n)), w = exp(T violation)")
        .parameter(
            Parameter.requiredReal(
                "margin", Range.FINITE, "how far positives must stay from negatives"))
        .parameter(
            Parameter.requiredReal("Tn", Range.FINITE, "how much more a nearer negative weighs"))
        .parameter(
            Parameter.real("imbalance", 0.5, Range.between(0, 1), "the part of the negatives"))
        .parameter(
            Parameter.optionalReal(
                "alpha", Range.FINITE, "where negatives should be; 1 + margin / 2 if missing"))
        .parameter(Parameter.real("Tp", 0, Range.FINITE, "how much more a farther positive weighs"))
        .anyDistance(PmlParts.LP)
        .anyReducer(MEAN)
        .makesWith((a, with) -> {
          var loss =
              new RankedListLoss(a.real("margin"), a.real("Tn"))
                  .withImbalance(a.real("imbalance"))
                  .withTp(a.real("Tp"));
          Double alpha = a.realOrNull("alpha");
          return new LossForm.OnBatch(with.onto(alpha == null ? loss : loss.withAlpha(alpha)));
        });
  }

  private static Part<LossForm> smoothAp() {
    return loss("pml.SmoothAPLoss", Accepts.batchWithTuples().withoutReferences())
        .differs(
            "Labels or masks say which rows belong together. The reference takes consecutive rows, as many as there are classes, whatever the labels say, and refuses classes of different sizes; it is right for k classes of k rows that stand class by class, and there the two are equal. It also rounds precisions to float32.")
        .summary("The average precision of each row, from 1, with ranks by sigmoids.")
        .formula(
            "1 - mean_p rank_P(p) / rank(p), rank(p) = 1 + sum_x sigmoid((s(a,x) - s(a,p)) / temperature), for each row")
        .parameter(Parameter.real("temperature", 0.01, Range.above(0), "the width of the sigmoids"))
        .anyDistance(COSINE)
        .anyReducer(MEAN)
        .makesWith(
            (a, with) -> new LossForm.OnBatch(with.onto(new SmoothAPLoss(a.real("temperature")))));
  }

  private static Part<LossForm> thresholdConsistentMargin() {
    return loss("pml.ThresholdConsistentMarginLoss", Accepts.batchWithTuples())
        .differs(
            "Positives and negatives of references are looked up in the references; the reference looks them up in the embeddings, which fails or takes other rows.")
        .summary("What positive pairs lack to a threshold, and negative ones exceed another by.")
        .formula(
            "lambda_plus mean(margin_plus - s(a,p)) + lambda_minus mean(s(a,n) - margin_minus), over pairs where it is not below 0")
        .parameter(Parameter.real("lambda_plus", 1, Range.FINITE, "the factor of positive pairs"))
        .parameter(Parameter.real("lambda_minus", 1, Range.FINITE, "the factor of negative pairs"))
        .parameter(
            Parameter.real("margin_plus", 0.9, Range.FINITE, "the cosine of a good positive pair"))
        .parameter(
            Parameter.real("margin_minus", 0.5, Range.FINITE, "the cosine of a bad negative pair"))
        .anyReducer(MEAN)
        .makesWith((a, with) ->
            new LossForm.OnBatch(
                with.ontoReducer(
                    new ThresholdConsistentMarginLoss(
                        a.real("lambda_plus"),
                        a.real("lambda_minus"),
                        a.real("margin_plus"),
                        a.real("margin_minus")))));
  }

  private static Part<LossForm> vicReg() {
    return loss("pml.VICRegLoss", Accepts.batchWithReferences().byLabelsAlone().withoutLabels())
        .differs(
            "A single row has variance and covariance 0, where the reference gives NaN; labels may stand beside it, where the reference refuses them.")
        .summary("Variance, invariance and covariance of two views: embeddings and references.")
        .formula(
            "lambda mean (x-x')^2 + mu mean max(0, 1 - sqrt(var + eps)) / 2 for both + v sum cov^2 / D for both, off the diagonal")
        .parameter(Parameter.real("invariance_lambda", 25, Range.FINITE, "of the difference"))
        .parameter(Parameter.real("variance_mu", 25, Range.FINITE, "of what the variances lack"))
        .parameter(Parameter.real("covariance_v", 1, Range.FINITE, "of the covariances"))
        .parameter(
            Parameter.real("eps", 1e-4, Range.atLeast(0), "added to variances before the root"))
        .anyReducer(MEAN)
        .makesWith((a, with) ->
            new LossForm.OnBatch(
                with.ontoReducer(
                    new VICRegLoss(
                        a.real("invariance_lambda"),
                        a.real("variance_mu"),
                        a.real("covariance_v"),
                        a.real("eps")))));
  }

  private static Part<LossForm> dynamicSoftMargin() {
    return loss("pml.DynamicSoftMarginLoss", Accepts.batchWithTuples().withoutLabels())
        .differs(
            "Differences at the ends of the histogram go to its last bins, and a second batch can go back; the reference fails on both. The running histogram is an object of its own.")
        .summary("Triplets weighed by how hard they are among those seen, by a running histogram.")
        .formula("mean of CDF(g) g, g = d(a,p) - d(a,n); without labels row i with reference i")
        .parameter(Parameter.real("min_val", -2, Range.FINITE, "where the histogram begins; not 0"))
        .parameter(
            Parameter.integer(
                "num_bins", 10, Range.between(2, Integer.MAX_VALUE), "how many bins it has"))
        .parameter(
            Parameter.real("momentum", 0.01, Range.FINITE, "what a new batch is of the histogram"))
        .anyDistance(PmlParts.LP)
        .anyReducer(MEAN)
        .makesWith((a, with) ->
            new LossForm.OnBatch(
                with.onto(
                    new DynamicSoftMarginLoss(
                        a.real("min_val"), (int) a.integer("num_bins"), a.real("momentum")))));
  }

  private static Part<LossForm> centroidTriplet() {
    return Part.loss("pml.CentroidTripletLoss", Accepts.batch())
        .reference("pytorch-metric-learning 1.7.3, written out; later versions lack it")
        .differs(
            "Follows the published definition. The releases that had it (1.1 to 1.7.3) take three negatives a row from five classes on, mix up classes of different sizes, and refuse classes of one row.")
        .summary("The triplet margin loss with centroids as positives and negatives.")
        .formula(
            "max(0, d(a, mean of the others of its class) - d(a, mean of another class) + margin)")
        .parameter(
            Parameter.real(
                "margin", 0.05, Range.FINITE, "how much farther the other centroid must be"))
        .parameter(
            Parameter.flag(
                "swap", false, "take d(p,n) in place of d(a,n) where it violates the margin more"))
        .parameter(Parameter.flag("smooth_loss", false, "softplus in place of max(0, .)"))
        .anyDistance(PmlParts.LP)
        .anyReducer("pml.AvgNonZeroReducer")
        .makesWith((a, with) ->
            new LossForm.OnBatch(
                with.onto(
                    new CentroidTripletLoss(
                        a.real("margin"), a.flag("swap"), a.flag("smooth_loss")))));
  }

  private static Part<LossForm> manifold() {
    return loss(
            "pml.ManifoldLoss",
            Accepts.batch().byLabelsAlone().withoutLabels().withWeights(Accepts.Need.OPTIONAL))
        .differs(
            "The inverse is taken in the precision of the embeddings; the reference takes it in float32.")
        .summary(
            "Random walks over embeddings and proxies; labels are numbers of proxies, drawn if missing.")
        .formula(
            "mean log(1 + sum_k exp(F_ik - F_iy + margin)) + lambdaC times the same of cos(F_i, F_k), F the walks' matrix")
        .parameter(
            Parameter.requiredInteger(
                "l", Range.between(1, Integer.MAX_VALUE), "the size of the embeddings"))
        .parameter(
            Parameter.integer(
                "K", 50, Range.between(1, Integer.MAX_VALUE), "how many proxies there are"))
        .parameter(
            Parameter.real(
                "lambdaC",
                1,
                Range.atLeast(0).withHigh(),
                "the factor of the second part; inf for that part alone"))
        .parameter(
            Parameter.real("alpha", 0.8, new Range(0, true, 1, false), "how likely a walk goes on"))
        .parameter(
            Parameter.real("margin", 5e-4, Range.FINITE, "how much nearer the own proxy must be"))
        .anyDistance(COSINE)
        .anyReducer(MEAN)
        .makesWith((a, with) -> {
          long size = a.integer("l");
          long count = a.integer("K");
          Tensor given = with.weights();
          if (given != null) {
            PmlWeightLosses.requireShape(given, count, size);
          }
          var loss = given == null ? new ManifoldLoss(size, count) : new ManifoldLoss(given);
          return new LossForm.OnBatch(
              with.onto(
                  loss.withLambdaC(a.real("lambdaC"))
                      .withAlpha(a.real("alpha"))
                      .withMargin(a.real("margin"))));
        });
  }

  private static Part.Builder<LossForm> loss(String name, Accepts accepts) {
    return Part.loss(name, accepts).reference(PmlParts.REFERENCE);
  }
}
