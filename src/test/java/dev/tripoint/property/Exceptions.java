package dev.tripoint.property;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Parts for which a property need not hold, by name, each with the reason. */
final class Exceptions {
  private Exceptions() {}

  /** What compares row i with reference i and is nothing without references. */
  static final Set<String> ROWS_OF_REFERENCES = Set.of("pml.VICRegLoss");

  /** What takes two rows of each label, no more and no fewer. */
  static final Set<String> TWO_VIEWS = Set.of("finetuner.NTXentLoss");

  /** Losses that depend on the order of the rows. */
  static final Map<String, String> ORDER =
      Map.of(
          "pml.NPairsLoss", "takes the first pair of each class, as its source",
          "pml.InstanceLoss", "takes a class's number for that of a row, as its source",
          "pml.LiftedStructureLoss",
              "takes a reference's number for that of an anchor, as its source");

  /** Losses that depend on the order of equal rows. */
  static final Map<String, String> COPIES =
      Map.of(
          "pml.NPairsLoss", "takes the first pair of each class",
          "pml.InstanceLoss", "takes a class's number for that of a row",
          "online.batch_hard", "gives the gradient to the first of equal distances",
          "st.BatchHardTripletLoss", "gives the gradient to the first of equal distances",
          "st.BatchHardSoftMarginTripletLoss", "gives the gradient to the first of equal distances",
          "st.BatchSemiHardTripletLoss", "gives the gradient to the first of equal distances");

  /** Losses that a factor for each row changes although distances divide by the norm. */
  static final Map<String, String> SCALE =
      Map.of(
          "pml.CentroidTripletLoss", "takes the means of the rows as they are, as its source",
          "pml.SphereFaceLoss", "multiplies by the norm, as its source",
          "pml.LargeMarginSoftmaxLoss", "multiplies by the norm, as its source");

  /** Losses that a shift changes although distances do not see it. */
  static final Map<String, String> SHIFT = Map.of();

  /** Losses that give another gradient than that of their value. */
  static final Map<String, String> GRADIENT =
      Map.of(
          "pml.CircleLoss", "holds its pairs' weights constant, as its source",
          "pml.CrossBatchMemory", "holds what it remembers constant, as its source",
          "pml.P2SGradLoss", "sets its weights' length to 1 beside the gradient, as its source");

  /** Miners that depend on the order of the rows. */
  static final Map<String, String> MINED_ORDER =
      Map.of(
          "pml.DistanceWeightedMiner", "draws",
          "pml.UniformHistogramMiner", "draws",
          "pml.HDCMiner", "cuts between (i, j) and (j, i), whose distances are equal",
          "pml.EmbeddingsAlreadyPackagedAsTriplets", "takes the rows three by three",
          "finetuner.SiameseMiner", "gives each pair once, the lower index first",
          "finetuner.SiameseEasyHardMiner", "looks for partners of a higher index alone");

  /** Miners that find other tuples by a mask than by the labels that make it. */
  static final Map<String, String> MINED_MASK =
      Map.of("pml.DistanceWeightedMiner", "draws for labels class by class, as its source");

  /** Miners that do not ask who is a positive of whom. */
  static final Map<String, String> MINED_RELATION =
      Map.of("pml.EmbeddingsAlreadyPackagedAsTriplets", "takes the rows three by three");

  /** Miners that a factor for each row changes although distances divide by the norm. */
  static final Map<String, String> MINED_SCALE =
      Map.of("pml.AngularMiner", "measures the rows as they are, as its source");

  /** Miners that a shift changes although distances do not see it. */
  static final Map<String, String> MINED_SHIFT = Map.of();

  /** Every loss that is named here. */
  static Set<String> ofLosses() {
    return Stream.of(
            ROWS_OF_REFERENCES,
            TWO_VIEWS,
            ORDER.keySet(),
            COPIES.keySet(),
            SCALE.keySet(),
            SHIFT.keySet(),
            GRADIENT.keySet())
        .flatMap(Set::stream)
        .collect(Collectors.toSet());
  }

  /** Every miner that is named here. */
  static Set<String> ofMiners() {
    return Stream.of(MINED_ORDER, MINED_MASK, MINED_RELATION, MINED_SCALE, MINED_SHIFT)
        .flatMap(each -> each.keySet().stream())
        .collect(Collectors.toSet());
  }

  /** That a property holds, or that it does not where the part is an exception. */
  static void check(Map<String, String> exceptions, Specimen specimen, @Nullable String violation) {
    String reason = exceptions.get(specimen.name());
    if (reason == null) {
      assertThat(violation).as("%s", specimen).isNull();
    } else {
      assertThat(violation).as("%s need be no exception (%s)", specimen, reason).isNotNull();
    }
  }
}
