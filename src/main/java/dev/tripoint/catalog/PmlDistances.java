package dev.tripoint.catalog;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.DotProductSimilarity;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.SNRDistance;
import java.util.List;

/** The distances of pytorch-metric-learning. */
final class PmlDistances {
  private PmlDistances() {}

  static List<Part<?>> all() {
    return List.of(lp(), cosine(), dotProduct(), snr());
  }

  private static Part<Distance> lp() {
    return distance(PmlParts.LP)
        .differs(
            "Half precision is compared in float32 and rounded once; the reference adds 1e-6 to each difference.")
        .summary("The Lp norm of the difference.")
        .formula("|x - y|_p ^ power, of rows divided by their p-norm")
        .parameter(norm("the norm, of the difference and for normalising"))
        .parameter(power())
        .parameter(normalize())
        .makes(a -> new LpDistance(a.real("p"), a.real("power"), a.flag("normalize_embeddings")));
  }

  private static Part<Distance> cosine() {
    return distance("pml.CosineSimilarity")
        .summary("The dot product of normalised rows: a similarity.")
        .formula("(x . y / (|x|_p |y|_p)) ^ power")
        .parameter(norm("the norm that rows are divided by"))
        .parameter(power())
        .makes(a -> new CosineSimilarity(a.real("p"), a.real("power")));
  }

  private static Part<Distance> dotProduct() {
    return distance("pml.DotProductSimilarity")
        .summary("The dot product: a similarity.")
        .formula("(x . y) ^ power, of rows divided by their p-norm")
        .parameter(norm("the norm that rows are divided by"))
        .parameter(power())
        .parameter(normalize())
        .makes(a ->
            new DotProductSimilarity(a.real("p"), a.real("power"), a.flag("normalize_embeddings")));
  }

  private static Part<Distance> snr() {
    return distance("pml.SNRDistance")
        .summary("The variance of the difference over the variance of the first row.")
        .formula("(var(x - y) / var(x)) ^ power, of rows divided by their p-norm")
        .parameter(norm("the norm that rows are divided by"))
        .parameter(power())
        .parameter(normalize())
        .makes(a -> new SNRDistance(a.real("p"), a.real("power"), a.flag("normalize_embeddings")));
  }

  private static Part.Builder<Distance> distance(String name) {
    return Part.distance(name).reference(PmlParts.REFERENCE);
  }

  private static Parameter norm(String meaning) {
    return Parameter.real("p", 2, Range.atLeast(0).withHigh(), meaning);
  }

  private static Parameter power() {
    return Parameter.real("power", 1, Range.FINITE, "what each value is raised to");
  }

  private static Parameter normalize() {
    return Parameter.flag(
        "normalize_embeddings", true, "whether rows are first divided by their norm");
  }
}
