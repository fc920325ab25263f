package dev.tripoint.tensor;

import dev.tripoint.ffi.TripointC;
import java.lang.foreign.MemorySegment;

/**
 * A source of random numbers of its own, PyTorch's {@code torch.Generator}. The caller owns it and
 * closes it; no scope does. The same seed gives the same numbers as in PyTorch. It may be used from
 * any thread, by one at a time.
 */
public final class Generator extends Handle {
  Generator(MemorySegment handle) {
    super(handle.address());
  }

  /**
   * A generator on the CPU.
   *
   * @param seed where its numbers start
   */
  public Generator(long seed) {
    this(Device.CPU, seed);
  }

  /**
   * A generator on a device; operators take only those of their own device.
   *
   * @param device where the numbers are made
   * @param seed where they start
   * @throws TensorException when the machine has no such device
   */
  public Generator(Device device, long seed) {
    this(create(device, seed));
  }

  private static MemorySegment create(Device device, long seed) {
    NativeLibrary.ensure();
    CallFrame frame = CallFrame.enter();
    try {
      frame.check(
          TripointC.tp_generator_new(
              device.type().code(), device.index(), seed, frame.out(), frame.error()));
      return MemorySegment.ofAddress(frame.outAddress());
    } finally {
      frame.leave();
    }
  }

  /**
   * Starts again.
   *
   * @param seed where the numbers start
   * @return this
   */
  public Generator seed(long seed) {
    CallFrame frame = CallFrame.enter();
    try {
      frame.hold(this);
      frame.check(
          TripointC.tp_generator_seed(MemorySegment.ofAddress(address), seed, frame.error()));
    } finally {
      frame.leave();
    }
    return this;
  }

  @Override
  void free() {
    TripointC.tp_object_release(MemorySegment.ofAddress(address));
  }

  @Override
  String kind() {
    return "generator";
  }
}
