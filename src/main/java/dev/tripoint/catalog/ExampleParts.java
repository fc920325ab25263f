package dev.tripoint.catalog;

import dev.tripoint.compat.example.PairMiner;
import dev.tripoint.compat.example.TripletMiner;
import dev.tripoint.miner.Miner;
import java.util.List;

/** The two miners that the documentation of pytorch-metric-learning writes out as examples. */
final class ExampleParts {
  private static final String REFERENCE = "pytorch-metric-learning 2.9.0, documentation";

  private ExampleParts() {}

  static List<Part<?>> all() {
    return List.of(pairMiner(), tripletMiner());
  }

  private static Part<Miner> pairMiner() {
    return Part.miner("example.PairMiner")
        .reference(REFERENCE)
        .summary("Positive pairs farther apart than the margin, and negative pairs nearer.")
        .formula("d(a,p) > margin; d(a,n) < margin (for a similarity, the other way round)")
        .parameter(Parameter.real("margin", 0.1, Range.FINITE, "the distance to compare with"))
        .anyDistance("pml.LpDistance")
        .makesWith((a, with) -> with.ontoDistance(new PairMiner(a.real("margin"))));
  }

  private static Part<Miner> tripletMiner() {
    return Part.miner("example.TripletMiner")
        .reference(REFERENCE)
        .summary("All triplets whose negative is not farther than the positive by the margin.")
        .formula("d(a,n) - d(a,p) <= margin (for a similarity, s(a,p) - s(a,n) <= margin)")
        .parameter(Parameter.real("margin", 0.1, Range.FINITE, "the gap to compare with"))
        .anyDistance("pml.LpDistance")
        .makesWith((a, with) -> with.ontoDistance(new TripletMiner(a.real("margin"))));
  }
}
