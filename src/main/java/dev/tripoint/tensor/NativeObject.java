package dev.tripoint.tensor;

import dev.tripoint.ffi.TripointC;
import java.lang.foreign.MemorySegment;

/**
 * A result of an operator that has no form in Java. It can be given to other operators by {@link
 * Op#call}; it belongs to a scope as tensors do.
 */
public final class NativeObject extends Handle {
  NativeObject(long address) {
    super(address);
  }

  @Override
  void free() {
    TripointC.tp_object_release(MemorySegment.ofAddress(address));
  }

  @Override
  String kind() {
    return "native object";
  }
}
