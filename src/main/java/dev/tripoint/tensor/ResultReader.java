package dev.tripoint.tensor;

import dev.tripoint.ffi.TripointC;
import dev.tripoint.ffi.tp_value;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns results into Java values: Tensor, Long, Double, Boolean, String, Device, Generator, List
 * (of lists and tuples), Map, null for none, and {@link NativeObject} for what has no form in Java.
 */
final class ResultReader {
  private static final int NONE = TripointC.TP_NONE();
  private static final int TENSOR = TripointC.TP_TENSOR();
  private static final int INT = TripointC.TP_INT();
  private static final int DOUBLE = TripointC.TP_DOUBLE();
  private static final int BOOLEAN = TripointC.TP_BOOLEAN();
  private static final int STRING = TripointC.TP_STRING();
  private static final int DEVICE = TripointC.TP_DEVICE();
  private static final int GENERATOR = TripointC.TP_GENERATOR();
  private static final int OBJECT = TripointC.TP_OBJECT();
  private static final int DICT = TripointC.TP_DICT();

  private final CallFrame frame;
  private final List<Handle> created = new ArrayList<>();

  ResultReader(CallFrame frame) {
    this.frame = frame;
  }

  /** Reads one result and takes what it holds, also when it throws. */
  @Nullable Object read(MemorySegment value) {
    int tag = tp_value.tag(value);
    MemorySegment payload = tp_value.as(value);
    if (tag == NONE) {
      return null;
    } else if (tag == TENSOR) {
      long address = tp_value.as.integer(payload);
      return address == 0 ? null : note(frame.newTensor(address));
    } else if (tag == INT) {
      return tp_value.as.integer(payload);
    } else if (tag == DOUBLE) {
      return tp_value.as.real(payload);
    } else if (tag == BOOLEAN) {
      return tp_value.as.integer(payload) != 0;
    } else if (tag == DEVICE) {
      long packed = tp_value.as.integer(payload);
      return Device.of((int) packed, (int) (packed >> 32));
    } else if (tag == GENERATOR) {
      return note(new Generator(MemorySegment.ofAddress(payloadAddress(payload))));
    } else if (tag == OBJECT) {
      return object(payloadAddress(payload));
    }
    throw new TensorException("An operator gave a result of the unknown kind " + tag);
  }

  private static long payloadAddress(MemorySegment payload) {
    return tp_value.as.integer(payload);
  }

  private @Nullable Object object(long address) {
    MemorySegment object = MemorySegment.ofAddress(address);
    int kind = TripointC.tp_object_kind(object);
    if (kind == GENERATOR) {
      return note(new Generator(object));
    }
    if (kind == OBJECT) {
      return note(new NativeObject(address));
    }
    try {
      if (kind == STRING) {
        return text(object);
      }
      long length = TripointC.tp_object_length(object);
      if (kind == DICT) {
        Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
        for (long i = 0; i < length; i++) {
          Object key = entry(object, 2 * i);
          map.put(key, entry(object, 2 * i + 1));
        }
        return Collections.unmodifiableMap(map);
      }
      List<@Nullable Object> list = new ArrayList<>();
      for (long i = 0; i < length; i++) {
        list.add(entry(object, i));
      }
      return Collections.unmodifiableList(list);
    } finally {
      TripointC.tp_object_release(object);
    }
  }

  private @Nullable Object entry(MemorySegment object, long index) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = tp_value.allocate(arena);
      frame.check(TripointC.tp_object_get(object, index, value, frame.error()));
      return read(value);
    }
  }

  private String text(MemorySegment object) {
    int length = Math.toIntExact(TripointC.tp_object_length(object));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(length + 1L);
      frame.check(
          TripointC.tp_object_text(object, buffer, buffer.byteSize(), frame.out(), frame.error()));
      byte[] bytes = buffer.asSlice(0, length).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }

  private <H extends Handle> H note(H handle) {
    created.add(handle);
    return handle;
  }

  /** Gives all that was read up again. */
  void undo() {
    created.forEach(Handle::tryClose);
  }

  /** Hands all that was read to the innermost scope. */
  void adoptAll() {
    created.forEach(frame::adopt);
  }
}
