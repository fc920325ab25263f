package dev.tripoint.miner;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much memory results may take. */
final class FreeMemory {

  private static final Path MEMINFO = Path.of("/proc/meminfo");
  private static final String AVAILABLE = "MemAvailable:";

  private FreeMemory() {}

  /**
   * Bytes that can be had without swapping, within the limit of the container where there is one.
   */
  static long bytes() {
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    try (var lines = Files.lines(MEMINFO)) {
      return lines
          .filter(line -> line.startsWith(AVAILABLE))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
          .map(available -> Math.min(available, system.getTotalMemorySize()))
          .findFirst()
          .orElseGet(system::getFreeMemorySize);
    } catch (IOException notLinux) {
      return system.getFreeMemorySize();
    }
  }

  /**
   * Refuses what would not fit.
   *
   * @param what names the things, as "triplets"
   * @param count how many there will be
   * @param bytesEach what each takes while it is made
   * @param available bytes that may be used
   */
  static void require(String what, double count, int bytesEach, long available) {
    if (count * bytesEach > available) {
      throw new IllegalArgumentException(
          "%,.0f %s would take %,.1f GiB of memory where %,.1f are free: mine fewer"
              .formatted(
                  count, what, count * bytesEach / (1L << 30), (double) available / (1L << 30)));
    }
  }
}
