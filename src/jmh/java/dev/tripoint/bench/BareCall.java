package dev.tripoint.bench;

import dev.tripoint.ffi.TripointC;
import dev.tripoint.ffi.tp_error;
import dev.tripoint.ffi.tp_modes;
import dev.tripoint.ffi.tp_value;
import dev.tripoint.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An operator on embeddings, labels and a margin, called in C++ without the classes of Java: one
 * downcall, in which C++ runs it and frees what it gives. Its memory lasts as long as the process.
 */
final class BareCall implements Work {
  private final MemorySegment error = tp_error.allocate(Arena.global());
  private final MemorySegment modes = tp_modes.allocate(Arena.global());
  private final MemorySegment nanoseconds = Arena.global().allocate(ValueLayout.JAVA_LONG);
  private final MemorySegment out = Arena.global().allocate(ValueLayout.ADDRESS);
  private final MemorySegment arguments = tp_value.allocateArray(3, Arena.global());
  private final MemorySegment operator;

  BareCall(String operator, Tensor embeddings, Tensor labels, double margin) {
    tp_modes.grad(modes, 0);
    tp_modes.device_type(modes, -1);
    tp_modes.device_index(modes, -1);
    check(TripointC.tp_operator_find(Arena.global().allocateFrom(operator), out, error));
    this.operator = out.get(ValueLayout.ADDRESS, 0);
    tensor(0, embeddings, TripointC.TP_FLOAT32());
    tensor(1, labels, TripointC.TP_INT64());
    MemorySegment value = tp_value.asSlice(arguments, 2);
    tp_value.tag(value, TripointC.TP_DOUBLE());
    tp_value.as.real(tp_value.as(value), margin);
  }

  private void tensor(int place, Tensor tensor, int dtype) {
    long[] shape = tensor.sizes();
    MemorySegment sizes = Arena.global().allocateFrom(ValueLayout.JAVA_LONG, shape);
    MemorySegment none = MemorySegment.NULL;
    int cpu = TripointC.TP_CPU();
    MemorySegment lent = tensor.segment();
    MemorySegment data = Arena.global().allocate(lent.byteSize(), Long.BYTES).copyFrom(lent);
    check(
        TripointC.tp_tensor_wrap(
            data, dtype, cpu, -1, shape.length, sizes, none, none, none, out, error));
    MemorySegment value = tp_value.asSlice(arguments, place);
    tp_value.tag(value, TripointC.TP_TENSOR());
    tp_value.as.tensor(tp_value.as(value), out.get(ValueLayout.ADDRESS, 0));
  }

  @Override
  public long call() {
    check(TripointC.tp_operator_time(operator, arguments, 3, 1, modes, nanoseconds, error));
    return 0;
  }

  private static void check(int status) {
    if (status != TripointC.TP_OK()) {
      throw new IllegalStateException("status " + status);
    }
  }
}
