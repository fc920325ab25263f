package dev.tripoint.tensor;

import dev.tripoint.ffi.TripointC;
import dev.tripoint.ffi.tp_release_callback;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Memory of Java's that a tensor stands on. The segment stays reachable until LibTorch lets go of
 * the storage, which may be long after the tensor was closed: views and saved values hold it too.
 */
final class Backing {
  private static final ConcurrentHashMap<Long, Backing> BY_CONTEXT = new ConcurrentHashMap<>();
  private static final ConcurrentHashMap<Long, Backing> BY_ADDRESS = new ConcurrentHashMap<>();
  private static final AtomicLong CONTEXTS = new AtomicLong();

  /** One stub for all: LibTorch gives the context back, and that is the key. */
  private static final MemorySegment RELEASE =
      tp_release_callback.allocate(context -> release(context.address()), Arena.global());

  private final MemorySegment segment;

  private Backing(MemorySegment segment) {
    this.segment = segment;
  }

  /** A new tensor over a native segment that has been checked; gives its handle. */
  static Tensor wrap(MemorySegment segment, DType dtype, long[] sizes) {
    Backing backing = new Backing(segment);
    long context = CONTEXTS.incrementAndGet();
    BY_CONTEXT.put(context, backing);
    BY_ADDRESS.put(segment.address(), backing);
    CallFrame frame = CallFrame.enter();
    try {
      frame.check(
          TripointC.tp_tensor_wrap(
              segment,
              dtype.code(),
              TripointC.TP_CPU(),
              -1,
              sizes.length,
              frame.longs(sizes),
              MemorySegment.NULL,
              RELEASE,
              MemorySegment.ofAddress(context),
              frame.out(),
              frame.error()));
      return frame.adopt(new Tensor(frame.outAddress(), backing));
    } catch (RuntimeException e) {
      release(context);
      throw e;
    } finally {
      frame.leave();
    }
  }

  /** The memory that stands at the start of a storage, if a tensor was made over it. */
  static @Nullable Backing at(long storage) {
    return BY_ADDRESS.get(storage);
  }

  /** Whether no tensor stands on memory of Java's. */
  static boolean none() {
    return BY_ADDRESS.isEmpty();
  }

  /** How many segments LibTorch still holds. */
  static int count() {
    return BY_CONTEXT.size();
  }

  private static void release(long context) {
    Backing backing = BY_CONTEXT.remove(context);
    if (backing != null) {
      BY_ADDRESS.remove(backing.segment.address(), backing);
    }
  }

  boolean readOnly() {
    return segment.isReadOnly();
  }

  long address() {
    return segment.address();
  }

  boolean isAlive() {
    return segment.scope().isAlive();
  }

  /** The part of the caller's own segment that a tensor covers. */
  MemorySegment slice(long address, long bytes) {
    return segment.asSlice(address - segment.address(), bytes);
  }
}
