package dev.tripoint.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/** Reads text of any length from the native side. */
final class NativeText {
  private NativeText() {}

  /** A function of the ABI that writes text. */
  interface Source {
    int write(MemorySegment buffer, long capacity, MemorySegment length, MemorySegment error);
  }

  static String read(Source source) {
    CallFrame frame = CallFrame.enter();
    try (Arena arena = Arena.ofConfined()) {
      long capacity = 4096;
      while (true) {
        MemorySegment buffer = arena.allocate(capacity);
        frame.check(source.write(buffer, capacity, frame.out(), frame.error()));
        long length = frame.outAddress();
        if (length < capacity) {
          return new String(buffer.asSlice(0, length).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
        }
        capacity = length + 1;
      }
    } finally {
      frame.leave();
    }
  }
}
