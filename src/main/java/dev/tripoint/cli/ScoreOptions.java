package dev.tripoint.cli;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that name scores and a mask of the positives among them. */
final class ScoreOptions {
  @Option(
      names = "--similarities",
      paramLabel = "FILE",
      description = "Scores of anchors (rows) and candidates (columns), [B, N].")
  @Nullable String similarities;

  @Option(
      names = "--positive-mask",
      paramLabel = "FILE",
      description = "Which candidates are positives, [B, N], bool.")
  @Nullable String positiveMask;

  @Option(names = "--distances", description = "The scores are distances: small is near.")
  boolean distances;

  @Option(
      names = "--keep-diagonal",
      description = "Rows and columns are different things: the diagonal of square scores counts.")
  boolean keepDiagonal;

  /** The matrices of the two files, of one shape. */
  record Scores(Input scores, Input mask) {}

  /** Adds each option with its value, null where it is absent. */
  void addTo(Map<String, @Nullable String> given) {
    given.put("--similarities", similarities);
    given.put("--positive-mask", positiveMask);
    given.put("--distances", distances ? "" : null);
    given.put("--keep-diagonal", keepDiagonal ? "" : null);
  }

  /** Reads the files, once it is known that both are named. */
  Scores read() {
    Input scores = Input.matrix("--similarities", Objects.requireNonNull(similarities), "scores");
    return new Scores(
        scores, Input.mask("--positive-mask", Objects.requireNonNull(positiveMask), scores));
  }
}
