package dev.tripoint.train;

import dev.tripoint.eval.EpochTrace;
import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A progress bar with loss and active fraction, for a terminal or a log. */
public final class ConsoleProgress implements TrainingListener {
  private static final int WIDTH = 100;

  private final PrintStream stream;
  private @Nullable ProgressBar bar;

  /** Writes to {@code stream}, usually standard error. */
  public ConsoleProgress(PrintStream stream) {
    this.stream = stream;
  }

  @Override
  public void started(int epochs) {
    bar =
        new ProgressBarBuilder()
            .setTaskName("Training")
            .setInitialMax(epochs)
            .setUnit(" epochs", 1)
            .setStyle(ProgressBarStyle.ASCII)
            .setMaxRenderedLength(WIDTH)
            .setUpdateIntervalMillis(200)
            .setConsumer(new ConsoleProgressBarConsumer(stream, WIDTH))
            .build();
  }

  @Override
  public void epoch(EpochTrace trace) {
    if (bar != null) {
      bar.setExtraMessage(describe(trace));
      bar.stepTo(trace.epoch());
    }
  }

  @Override
  public void warning(String message) {
    // On a line of its own: the bar goes on below it.
    stream.println(System.lineSeparator() + "warning: " + message);
  }

  @Override
  public void stopped() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  static String describe(EpochTrace trace) {
    String loss = String.format(Locale.ROOT, "loss %.4f", trace.loss());
    return trace.activeFraction() == null
        ? loss
        : loss + String.format(Locale.ROOT, ", active %.1f %%", 100 * trace.activeFraction());
  }
}
