package dev.tripoint.cli;

import dev.tripoint.catalog.Arguments;
import dev.tripoint.catalog.Parameter;
import dev.tripoint.catalog.Range;
import dev.tripoint.corpus.CorpusMiner;
import dev.tripoint.corpus.MiningOptions;
import dev.tripoint.corpus.Negatives;
import dev.tripoint.tensor.TensorScope;
import java.util.List;

/** The part of {@code tripoint mine} that looks through a corpus. */
final class CorpusMining {
  private static final Range COUNTS = Range.between(1, Integer.MAX_VALUE);
  private static final MiningOptions DEFAULT = MiningOptions.DEFAULT;

  /** As sentence-transformers has them. */
  static final List<Parameter> PARAMETERS =
      List.of(
          Parameter.integer(
              "range_min",
              DEFAULT.rangeMin(),
              Range.between(0, Integer.MAX_VALUE),
              "how many of the nearest survivors are passed over"),
          Parameter.integerOr(
              "range_max",
              "auto",
              COUNTS,
              "how many candidates are looked at beside the positives"),
          Parameter.integer(
              "num_negatives", DEFAULT.numNegatives(), COUNTS, "negatives for each query, at most"),
          Parameter.optionalReal(
              "max_score", Range.FINITE, "candidates more similar than this are dropped"),
          Parameter.optionalReal(
              "min_score", Range.FINITE, "candidates less similar than this are dropped"),
          Parameter.optionalReal(
              "absolute_margin",
              Range.FINITE,
              "candidates with score + margin above the least similar positive's are dropped"),
          Parameter.optionalReal(
              "relative_margin",
              Range.FINITE,
              "candidates with a score above s - |s| margin are dropped, s the least similar positive's"),
          Parameter.choice("sampling_strategy", List.of("top", "random"), "which survivors"),
          Parameter.integer(
              "seed", 0, Range.between(0, Long.MAX_VALUE), "decides what random takes"),
          Parameter.flag(
              "include_positives", DEFAULT.includePositives(), "positives are candidates too"),
          Parameter.flag(
              "deduplicate",
              DEFAULT.deduplicate(),
              "a corpus row that equals an earlier one counts as that one"),
          Parameter.flag("output_scores", false, "answer with the cosines too"));

  private final MiningOptions options;
  private final boolean outputScores;

  CorpusMining(List<String> parameters) {
    Arguments given = Arguments.parse("mine", PARAMETERS, parameters);
    String range = given.text("range_max");
    this.options =
        new MiningOptions(
            (int) given.integer("range_min"),
            range.equals("auto") ? null : (Integer) Integer.parseInt(range),
            (int) given.integer("num_negatives"),
            given.realOrNull("max_score"),
            given.realOrNull("min_score"),
            given.realOrNull("absolute_margin"),
            given.realOrNull("relative_margin"),
            given.text("sampling_strategy").equals("random"),
            given.integer("seed"),
            given.flag("include_positives"),
            given.flag("deduplicate"));
    this.outputScores = given.flag("output_scores");
  }

  /** Whether the scores of negatives are part of the answer. */
  boolean outputScores() {
    return outputScores;
  }

  /** For each query its negatives. */
  List<Negatives> mine(String queries, String corpus, String positives) {
    try (TensorScope _ = TensorScope.open()) {
      Input wanted = Input.matrix("--queries", queries, "queries");
      Input rows = Input.matrixLike(wanted, "--corpus", corpus, "the corpus");
      rows.requireSameWidth(wanted);
      List<long[]> known = RowLists.read("--positives", positives, wanted, rows);
      return new CorpusMiner(options).mineWithScores(wanted.tensor(), rows.tensor(), known);
    }
  }
}
