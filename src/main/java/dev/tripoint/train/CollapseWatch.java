package dev.tripoint.train;

import dev.tripoint.eval.EpochTrace;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Notices that all embeddings run together into one point: a loss then stands at its margin and can
 * learn no more, without a word. Speaks after a few such epochs in a row, and again if the
 * embedding then comes apart.
 */
final class CollapseWatch {
  /** Untrained networks lie above 0.1, trained ones near 1. */
  private static final double SMALLEST_SPREAD = 0.03;

  private static final int PATIENCE = 3;

  private final @Nullable Double margin;
  private int inARow;
  private boolean collapsed;

  CollapseWatch(@Nullable Double margin) {
    this.margin = margin;
  }

  /** A sentence when the run has just been found collapsed, or recovered, else null. */
  @Nullable String look(EpochTrace trace) {
    String sign = sign(trace);
    boolean changing = (sign != null) != collapsed;
    inARow = changing ? inARow + 1 : 0;
    if (inARow < PATIENCE) {
      return null;
    }
    inARow = 0;
    collapsed = !collapsed;
    return collapsed
        ? String.format(
            Locale.ROOT,
            "the embedding has collapsed to nearly one point (epoch %d: %s); if it stays so, a smaller"
                + " margin, another loss or a miner may help.",
            trace.epoch(),
            sign)
        : String.format(
            Locale.ROOT,
            "the embedding has come apart again (epoch %d: spread %.2f); the collapse is over.",
            trace.epoch(),
            trace.spread());
  }

  private @Nullable String sign(EpochTrace trace) {
    if (trace.spread() < SMALLEST_SPREAD) {
      return String.format(Locale.ROOT, "spread %.4f", trace.spread());
    }
    Double active = trace.activeFraction();
    boolean atMargin =
        margin != null && margin > 0 && Math.abs(trace.loss() - margin) < 0.005 * margin;
    return atMargin && (active == null || active > 0.999) ? "the loss stands at its margin" : null;
  }
}
