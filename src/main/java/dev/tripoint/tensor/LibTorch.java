package dev.tripoint.tensor;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import dev.tripoint.ffi.TripointC;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The LibTorch that this process uses, and settings that hold for all of it.
 *
 * <p>It is chosen when it is first needed: the folder that {@code -Dtripoint.libtorch} names, then
 * the one that the environment variable {@code LIBTORCH} names ({@code python} for the one inside
 * an installed Python torch), then the copy that {@code ./tripoint fetch-libtorch} made. All
 * methods throw {@link LibTorchException} when it is missing or cannot be used.
 */
public final class LibTorch {
  private LibTorch() {}

  /**
   * What was loaded.
   *
   * @param directory LibTorch's folder
   * @param why what named that folder
   * @param version LibTorch's version
   * @param nativeVersion the version of Tripoint's native library
   * @param library the file of Tripoint's native library
   * @param cpuCapability the processor features that LibTorch's kernels use, such as AVX512
   * @param threads how many threads one operator may use
   * @param devices what tensors can be on, the CPU first
   * @param cudaProblem why LibTorch's part for NVIDIA's GPUs could not be loaded although it is
   *     there, or null
   */
  public record Info(
      Path directory,
      String why,
      String version,
      String nativeVersion,
      Path library,
      String cpuCapability,
      int threads,
      List<Device> devices,
      @Nullable String cudaProblem) {}

  /**
   * Loads LibTorch if that was not done before, and tells about it.
   *
   * @return what was loaded
   */
  public static Info info() {
    LibTorchFinder.Choice choice = NativeLibrary.choice();
    return new Info(
        choice.directory(),
        choice.why(),
        version(),
        TripointC.tp_version().getString(0),
        NativeLibrary.library(),
        NativeText.read(TripointC::tp_cpu_capability),
        numThreads(),
        devices(),
        NativeLibrary.cudaProblem());
  }

  private static String version() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment numbers = arena.allocate(JAVA_INT, 3);
      TripointC.tp_libtorch_version(numbers, numbers.asSlice(4), numbers.asSlice(8));
      return numbers.getAtIndex(JAVA_INT, 0)
          + "."
          + numbers.getAtIndex(JAVA_INT, 1)
          + "."
          + numbers.getAtIndex(JAVA_INT, 2);
    }
  }

  /**
   * The devices that can be used.
   *
   * @return the CPU, then the GPUs
   */
  public static List<Device> devices() {
    List<Device> devices = new ArrayList<>();
    devices.add(Device.CPU);
    for (int i = 0; i < cudaCount(); i++) {
      devices.add(Device.cuda(i));
    }
    return Collections.unmodifiableList(devices);
  }

  /**
   * How many of NVIDIA's GPUs can be used.
   *
   * @return 0 where there is none, or LibTorch has no support for them
   */
  public static int cudaCount() {
    NativeLibrary.ensure();
    CallFrame frame = CallFrame.enter();
    try {
      frame.check(TripointC.tp_device_count(Device.Type.CUDA.code(), frame.out(), frame.error()));
      return frame.outInt();
    } finally {
      frame.leave();
    }
  }

  /**
   * Waits until all work queued on a device is done; returns at once for the CPU.
   *
   * @param device the device
   */
  public static void synchronize(Device device) {
    NativeLibrary.ensure();
    CallFrame frame = CallFrame.enter();
    try {
      frame.check(
          TripointC.tp_device_synchronize(device.type().code(), device.index(), frame.error()));
    } finally {
      frame.leave();
    }
  }

  /**
   * LibTorch's own description of how it was built.
   *
   * @return many lines
   */
  public static String config() {
    NativeLibrary.ensure();
    return NativeText.read(TripointC::tp_libtorch_config);
  }

  /**
   * How many threads one operator may use.
   *
   * @return at least 1
   */
  public static int numThreads() {
    NativeLibrary.ensure();
    return TripointC.tp_get_num_threads();
  }

  /**
   * Sets how many threads one operator may use, for the whole process. The same seed gives the same
   * bits only for the same number.
   *
   * @param threads at least 1
   * @throws TensorException when it is not
   */
  public static void setNumThreads(int threads) {
    NativeLibrary.ensure();
    CallFrame frame = CallFrame.enter();
    try {
      frame.check(TripointC.tp_set_num_threads(threads, frame.error()));
    } finally {
      frame.leave();
    }
  }

  /**
   * Seeds LibTorch's global generators of all devices, as {@code torch.manual_seed}.
   *
   * @param seed where their numbers start
   */
  public static void manualSeed(long seed) {
    NativeLibrary.ensure();
    CallFrame frame = CallFrame.enter();
    try {
      frame.check(TripointC.tp_manual_seed(seed, frame.error()));
    } finally {
      frame.leave();
    }
  }
}
