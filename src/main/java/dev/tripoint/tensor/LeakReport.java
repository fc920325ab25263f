package dev.tripoint.tensor;

import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * Says where tensors were made that the garbage collector found unclosed, when {@code
 * -Dtripoint.leaks=true} asks for it. It frees nothing: lifetimes never depend on the collector.
 */
final class LeakReport {
  private static final @Nullable Cleaner CLEANER =
      Boolean.getBoolean("tripoint.leaks") ? Cleaner.create() : null;

  private LeakReport() {}

  /** Knows about a tensor without holding it. */
  static final class Watch implements Runnable {
    private final Exception made = new Exception("The tensor was made here");
    private volatile boolean closed;

    void closed() {
      closed = true;
    }

    @Override
    public void run() {
      if (!closed) {
        System.getLogger("dev.tripoint.tensor")
            .log(
                System.Logger.Level.WARNING,
                "A tensor was never closed; its memory is lost until the process ends",
                made);
      }
    }
  }

  /** Begins to watch a tensor; null unless reports were asked for. */
  static @Nullable Watch watch(Tensor tensor) {
    if (CLEANER == null) {
      return null;
    }
    Watch watch = new Watch();
    CLEANER.register(tensor, watch);
    return watch;
  }
}
