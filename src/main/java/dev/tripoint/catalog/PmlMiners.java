package dev.tripoint.catalog;

import dev.tripoint.miner.AngularMiner;
import dev.tripoint.miner.BatchEasyHardMiner;
import dev.tripoint.miner.BatchHardMiner;
import dev.tripoint.miner.DistanceWeightedMiner;
import dev.tripoint.miner.EmbeddingsAlreadyPackagedAsTriplets;
import dev.tripoint.miner.HDCMiner;
import dev.tripoint.miner.Miner;
import dev.tripoint.miner.MultiSimilarityMiner;
import dev.tripoint.miner.PairMarginMiner;
import dev.tripoint.miner.TripletMarginMiner;
import dev.tripoint.miner.UniformHistogramMiner;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The miners of pytorch-metric-learning. */
final class PmlMiners {
  private PmlMiners() {}

  static List<Part<?>> all() {
    return List.of(
        batchHard(),
        batchEasyHard(),
        tripletMargin(),
        pairMargin(),
        multiSimilarity(),
        angular(),
        distanceWeighted(),
        hdc(),
        uniformHistogram(),
        packaged());
  }

  private static Part<Miner> batchHard() {
    return Part.miner("pml.BatchHardMiner")
        .reference(PmlParts.REFERENCE)
        .summary("For each anchor its farthest positive and its nearest negative.")
        .formula("argmax over p of d(a,p), argmin over n of d(a,n)")
        .anyDistance(PmlParts.LP)
        .makesWith((a, with) -> with.ontoDistance(new BatchHardMiner()));
  }

  private static Part<Miner> batchEasyHard() {
    List<String> strategies = List.of("easy", "semihard", "hard", "all");
    return Part.miner("pml.BatchEasyHardMiner")
        .reference(PmlParts.REFERENCE)
        .summary(
            "For each anchor one positive and one negative, each easy, semihard or hard, or all.")
        .formula(
            "hard: far positive, near negative; semihard: hardest that the other side is harder than")
        .parameter(Parameter.choice("pos_strategy", strategies, "which positive"))
        .parameter(Parameter.choice("neg_strategy", strategies, "semihard", "which negative"))
        .parameter(
            Parameter.optionalRange("allowed_pos_range", "distances that positives may have"))
        .parameter(
            Parameter.optionalRange("allowed_neg_range", "distances that negatives may have"))
        .anyDistance(PmlParts.LP)
        .makesWith(PmlMiners::easyHard);
  }

  private static BatchEasyHardMiner easyHard(Arguments a, Composition with) {
    String positive = a.text("pos_strategy");
    String negative = a.text("neg_strategy");
    boolean semihard = positive.equals("semihard") || negative.equals("semihard");
    if (semihard
        && (positive.equals(negative) || positive.equals("all") || negative.equals("all"))) {
      throw new PartException(
          "pml.BatchEasyHardMiner cannot combine pos_strategy=%s with neg_strategy=%s: semihard needs easy or hard on the other side"
              .formatted(positive, negative));
    }
    var miner =
        new BatchEasyHardMiner(strategy(positive), strategy(negative))
            .withAllowedPosRange(range(a.rangeOrNull("allowed_pos_range")))
            .withAllowedNegRange(range(a.rangeOrNull("allowed_neg_range")));
    return with.ontoDistance(miner);
  }

  private static BatchEasyHardMiner.Strategy strategy(String word) {
    return BatchEasyHardMiner.Strategy.valueOf(word.toUpperCase(Locale.ROOT));
  }

  private static BatchEasyHardMiner.@Nullable Range range(@Nullable List<Double> ends) {
    return ends == null ? null : new BatchEasyHardMiner.Range(ends.getFirst(), ends.getLast());
  }

  private static Part<Miner> tripletMargin() {
    return Part.miner("pml.TripletMarginMiner")
        .reference(PmlParts.REFERENCE)
        .summary("All triplets whose negative is not farther than the positive by the margin.")
        .formula(
            "g = d(a,n) - d(a,p); all: g <= margin, hard: g <= 0, semihard: 0 < g <= margin, easy: g > margin")
        .parameter(Parameter.real("margin", 0.2, Range.FINITE, "the gap to compare with"))
        .parameter(
            Parameter.choice(
                "type_of_triplets", List.of("all", "hard", "semihard", "easy"), "which triplets"))
        .anyDistance(PmlParts.LP)
        .makesWith((a, with) -> {
          var miner =
              new TripletMarginMiner(
                  a.real("margin"),
                  TripletMarginMiner.Type.valueOf(
                      a.text("type_of_triplets").toUpperCase(Locale.ROOT)));
          return with.ontoDistance(miner);
        });
  }

  private static Part<Miner> pairMargin() {
    return Part.miner("pml.PairMarginMiner")
        .reference(PmlParts.REFERENCE)
        .summary(
            "Positive pairs farther apart than one margin, negative pairs nearer than another.")
        .formula("d(a,p) > pos_margin; d(a,n) < neg_margin (for a similarity, the other way round)")
        .parameter(Parameter.real("pos_margin", 0.2, Range.FINITE, "positives beyond it are taken"))
        .parameter(Parameter.real("neg_margin", 0.8, Range.FINITE, "negatives within it are taken"))
        .anyDistance(PmlParts.LP)
        .makesWith((a, with) -> {
          var miner = new PairMarginMiner(a.real("pos_margin"), a.real("neg_margin"));
          return with.ontoDistance(miner);
        });
  }

  private static Part<Miner> multiSimilarity() {
    return Part.miner("pml.MultiSimilarityMiner")
        .reference(PmlParts.REFERENCE)
        .differs("Pairs come by anchor and index; the reference's come by similarity.")
        .summary("Pairs that are harder than the hardest of the other kind, or nearly so.")
        .formula("s(a,p) - epsilon < max over n of s(a,n); s(a,n) + epsilon > min over p of s(a,p)")
        .parameter(Parameter.real("epsilon", 0.1, Range.FINITE, "how much easier a pair may be"))
        .anyDistance("pml.CosineSimilarity")
        .makesWith((a, with) -> with.ontoDistance(new MultiSimilarityMiner(a.real("epsilon"))));
  }

  private static Part<Miner> angular() {
    return Part.miner("pml.AngularMiner")
        .reference(PmlParts.REFERENCE)
        .summary("Triplets whose angle at the negative is greater than a bound.")
        .formula("atan(|a - p| / (2 |n - (a + p) / 2|)) > angle")
        .parameter(Parameter.real("angle", 20, Range.FINITE, "the bound in degrees"))
        .anyDistance(PmlParts.LP)
        .makesWith((a, with) -> with.ontoDistance(new AngularMiner(a.real("angle"))));
  }

  private static Part<Miner> distanceWeighted() {
    return Part.miner("pml.DistanceWeightedMiner")
        .reference(PmlParts.REFERENCE)
        .summary("Random triplets whose negatives come from all distances about equally often.")
        .formula("n with weight 1 / (d^(D-2) (1 - d^2 / 4)^((D-3)/2)), d = max(d(a,n), cutoff)")
        .parameter(
            Parameter.real("cutoff", 0.5, Range.FINITE, "smaller distances count as this one"))
        .parameter(
            Parameter.real(
                "nonzero_loss_cutoff", 1.4, Range.FINITE, "negatives from here on are not drawn"))
        .anyDistance(PmlParts.LP)
        .makesWith((a, with) -> {
          var miner = new DistanceWeightedMiner(a.real("cutoff"), a.real("nonzero_loss_cutoff"));
          return with.ontoDistance(miner);
        });
  }

  private static Part<Miner> hdc() {
    return Part.miner("pml.HDCMiner")
        .reference(PmlParts.REFERENCE)
        .differs("Given tuples are an argument; the reference keeps them as state.")
        .summary("The farthest part of all positive pairs and the nearest part of all negative.")
        .formula("the ceil(filter_percentage * count) hardest pairs of each kind")
        .parameter(
            Parameter.real(
                "filter_percentage", 0.5, Range.between(0, 1), "which part of the pairs stays"))
        .anyDistance(PmlParts.LP)
        .makesWith((a, with) -> with.ontoDistance(new HDCMiner(a.real("filter_percentage"))));
  }

  private static Part<Miner> uniformHistogram() {
    return Part.miner("pml.UniformHistogramMiner")
        .reference(PmlParts.REFERENCE)
        .summary("Random pairs that are spread evenly over their distances.")
        .formula("num_bins bins from min d to max d; so many pairs of each, with replacement")
        .parameter(count("num_bins", 100, "how many bins"))
        .parameter(count("pos_per_bin", 10, "positive pairs of each bin"))
        .parameter(count("neg_per_bin", 10, "negative pairs of each bin"))
        .anyDistance(PmlParts.LP)
        .makesWith((a, with) -> {
          var miner =
              new UniformHistogramMiner(
                  (int) a.integer("num_bins"),
                  (int) a.integer("pos_per_bin"),
                  (int) a.integer("neg_per_bin"));
          return with.ontoDistance(miner);
        });
  }

  private static Part<Miner> packaged() {
    return Part.miner("pml.EmbeddingsAlreadyPackagedAsTriplets")
        .reference(PmlParts.REFERENCE)
        .summary("Rows that follow one another as anchor, positive and negative.")
        .formula("(0, 1, 2), (3, 4, 5), ...")
        .makes(a -> new EmbeddingsAlreadyPackagedAsTriplets());
  }

  private static Parameter count(String name, long byDefault, String meaning) {
    return Parameter.integer(name, byDefault, Range.between(1, Integer.MAX_VALUE - 1), meaning);
  }
}
