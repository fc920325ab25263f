package dev.tripoint.cli;

import dev.tripoint.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that name masks of who is a positive, and who counts as nothing, of whom. */
final class MaskOptions {
  @Option(
      names = "--positive-mask",
      paramLabel = "FILE",
      description = "Which candidates (columns) are positives of which anchors (rows), bool.")
  @Nullable String positiveMask;

  @Option(
      names = "--ignore-mask",
      paramLabel = "FILE",
      description = "Which are neither positives nor negatives, of the same shape. Default: none.")
  @Nullable String ignoreMask;

  /**
   * The masks of the files.
   *
   * @param ignored null where none is named
   */
  record Masks(Input positives, @Nullable Input ignored) {
    /** The tensors by the names of their options. */
    Map<String, Tensor> tensors() {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      tensors.put("positive_mask", positives.tensor());
      if (ignored != null) {
        tensors.put("ignore_mask", ignored.tensor());
      }
      return tensors;
    }
  }

  /** Adds each option with its value, null where it is absent. */
  void addTo(Map<String, @Nullable String> given) {
    given.put("--positive-mask", positiveMask);
    given.put("--ignore-mask", ignoreMask);
  }

  /**
   * Reads the files, once it is known that the positives are named.
   *
   * @param rows how many anchors there are, and {@code columns} candidates
   * @param like what has that shape, for messages
   */
  Masks read(long rows, long columns, String like) {
    Input positives =
        Input.mask("--positive-mask", Objects.requireNonNull(positiveMask), rows, columns, like);
    return new Masks(
        positives,
        ignoreMask == null ? null : Input.mask("--ignore-mask", ignoreMask, rows, columns, like));
  }
}
