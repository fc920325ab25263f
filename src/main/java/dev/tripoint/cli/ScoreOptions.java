package dev.tripoint.cli;

import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that name scores; {@link MaskOptions} name the masks over them. */
final class ScoreOptions {
  @Option(
      names = "--similarities",
      paramLabel = "FILE",
      description = "Scores of anchors (rows) and candidates (columns), [B, N].")
  @Nullable String similarities;

  @Option(names = "--distances", description = "The scores are distances: small is near.")
  boolean distances;

  @Option(
      names = "--keep-diagonal",
      description = "Rows and columns are different things: the diagonal of square scores counts.")
  boolean keepDiagonal;

  /** Adds each option with its value, null where it is absent. */
  void addTo(Map<String, @Nullable String> given) {
    given.put("--similarities", similarities);
    given.put("--distances", distances ? "" : null);
    given.put("--keep-diagonal", keepDiagonal ? "" : null);
  }

  /** Reads the scores, once it is known that they are named. */
  Input read() {
    return Input.matrix("--similarities", Objects.requireNonNull(similarities), "scores");
  }

  /** Reads masks of the shape of the scores. */
  static MaskOptions.Masks masks(MaskOptions options, Input scores) {
    return options.read(
        scores.tensor().size(0), scores.tensor().size(1), "the scores of " + scores.file());
  }
}
