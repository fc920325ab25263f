package dev.tripoint.catalog;

import dev.tripoint.catalog.DistanceChoice.Word;
import dev.tripoint.compat.finetuner.FinetunerDistance;
import dev.tripoint.compat.finetuner.NTXentLoss;
import dev.tripoint.compat.finetuner.SiameseEasyHardMiner;
import dev.tripoint.compat.finetuner.SiameseLoss;
import dev.tripoint.compat.finetuner.SiameseMiner;
import dev.tripoint.compat.finetuner.TripletEasyHardMiner;
import dev.tripoint.compat.finetuner.TripletLoss;
import dev.tripoint.compat.finetuner.TripletMiner;
import dev.tripoint.miner.BatchEasyHardMiner.Strategy;
import dev.tripoint.miner.Miner;
import java.util.List;
import java.util.Locale;

/** The losses and miners of finetuner. */
final class FinetunerParts {
  private static final String REFERENCE = "finetuner 0.4.1";

  private static final Word[] DISTANCES = {
    new Word("cosine", "1 - cosine of the angle"),
    new Word("euclidean", "|x - y|_2"),
    new Word("sqeuclidean", "(|x - y|_2)^2")
  };

  private FinetunerParts() {}

  static List<Part<?>> all() {
    return List.of(
        tripletLoss(),
        siameseLoss(),
        ntXent(),
        tripletMiner(),
        tripletEasyHard(),
        siameseMiner(),
        siameseEasyHard());
  }

  private static Part<LossForm> tripletLoss() {
    return Part.loss("finetuner.TripletLoss", Accepts.batchWithTuples())
        .reference(REFERENCE)
        .differs("A batch without triplets costs 0 with gradient 0; the reference refuses it.")
        .summary("The mean of the triplet margin loss over all triplets of a batch, or mined ones.")
        .formula("mean of max(0, d(a,p) - d(a,n) + margin)")
        .parameter(margin("how much farther a negative must be than a positive"))
        .distanceWords("cosine", DISTANCES)
        .makesWith(
            (a, with) -> new LossForm.OnBatch(new TripletLoss(distance(with), a.real("margin"))));
  }

  private static Part<LossForm> siameseLoss() {
    return Part.loss("finetuner.SiameseLoss", Accepts.batchWithTuples())
        .reference(REFERENCE)
        .differs("A batch without pairs costs 0 with gradient 0; the reference refuses it.")
        .summary("Positive pairs pay their distance, negative ones what they lack of the margin.")
        .formula("mean over pairs i < j of d(i,j) if alike, else max(0, margin - d(i,j))")
        .parameter(margin("how far apart a negative pair must be"))
        .distanceWords("cosine", DISTANCES)
        .makesWith(
            (a, with) -> new LossForm.OnBatch(new SiameseLoss(distance(with), a.real("margin"))));
  }

  private static Part<LossForm> ntXent() {
    return Part.loss("finetuner.NTXentLoss", Accepts.batchWithReferences())
        .reference(REFERENCE)
        .differs("Does not overflow at small temperatures, where the reference does.")
        .summary("Each row must find its other view among all rows; each label stands for two.")
        .formula("mean of -log(exp(s(i,p)/T) / sum over k != i of exp(s(i,k)/T)), s the cosine")
        .parameter(
            Parameter.real("temperature", 0.1, Range.above(0), "what cosines are divided by"))
        .makes(a -> new LossForm.OnBatch(new NTXentLoss(a.real("temperature"))));
  }

  private static Part<Miner> tripletMiner() {
    return Part.miner("finetuner.TripletMiner")
        .reference(REFERENCE)
        .summary("All triplets of a batch.")
        .formula("all (a, p, n)")
        .makes(a -> new TripletMiner());
  }

  private static Part<Miner> siameseMiner() {
    return Part.miner("finetuner.SiameseMiner")
        .reference(REFERENCE)
        .summary("All pairs of a batch, each once.")
        .formula("all (i, j) with i < j")
        .makes(a -> new SiameseMiner());
  }

  private static Part<Miner> tripletEasyHard() {
    return easyHard("finetuner.TripletEasyHardMiner")
        .summary("For each anchor one positive and one negative, each easy, semihard or hard.")
        .makesWith((a, with) ->
            new TripletEasyHardMiner(
                strategy(a, "pos_strategy"), strategy(a, "neg_strategy"), distance(with)));
  }

  private static Part<Miner> siameseEasyHard() {
    return easyHard("finetuner.SiameseEasyHardMiner")
        .summary(
            "For each row one positive and one negative of those after it, easy, semihard or hard.")
        .makesWith((a, with) ->
            new SiameseEasyHardMiner(
                strategy(a, "pos_strategy"), strategy(a, "neg_strategy"), distance(with)));
  }

  private static Part.Builder<Miner> easyHard(String name) {
    List<String> words = List.of("hard", "semihard", "easy", "all");
    return Part.miner(name)
        .reference(REFERENCE)
        .formula(
            "hard: far positive, near negative; semihard: hardest that the other side is harder than")
        .parameter(Parameter.choice("pos_strategy", words, "which positive"))
        .parameter(Parameter.choice("neg_strategy", words, "which negative"))
        .distanceWords("cosine", DISTANCES);
  }

  private static Parameter margin(String meaning) {
    return Parameter.real("margin", 1, Range.FINITE, meaning);
  }

  private static Strategy strategy(Arguments a, String name) {
    return Strategy.valueOf(a.text(name).toUpperCase(Locale.ROOT));
  }

  private static FinetunerDistance distance(Composition with) {
    return with.word() == null
        ? FinetunerDistance.COSINE
        : FinetunerDistance.valueOf(with.word().toUpperCase(Locale.ROOT));
  }
}
