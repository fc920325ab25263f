package dev.tripoint.bench.side;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * How far the process's resident memory rises above what it was before a call, less the results:
 * the median of some calls. The heap must have been taken whole, so that native memory alone moves.
 */
final class PeakMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final Path CLEAR = Path.of("/proc/self/clear_refs");
  private static final String RESET_PEAK = "5";
  private static final double MIB = 1 << 20;

  private static final MethodHandle MALLOC_TRIM =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("malloc_trim"),
              FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));

  private PeakMemory() {}

  /** MiB over some calls of work that has been called before. */
  static double riseMib(Work work, int calls, Progress progress) {
    double[] rises = new double[calls];
    for (int i = 0; i < calls; i++) {
      progress.call();
      rises[i] = rise(work);
    }
    Arrays.sort(rises);
    return rises[calls / 2];
  }

  private static double rise(Work work) {
    try {
      // What malloc kept from the call before would hide as much of this one's memory.
      int _ = (int) MALLOC_TRIM.invokeExact(0L);
      Files.writeString(CLEAR, RESET_PEAK);
      long before = bytes("VmRSS:");
      long results = work.call();
      return Math.max(0, bytes("VmHWM:") - before - results) / MIB;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static long bytes(String name) throws IOException {
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith(name)) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    throw new IOException(STATUS + " has no " + name);
  }
}
