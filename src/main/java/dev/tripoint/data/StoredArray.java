package dev.tripoint.data;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.Arrays;

/**
 * Where one array lies in a file, and how it becomes a tensor.
 *
 * @param name how messages name the array: the file, or file and entry
 * @param type element type in the file
 * @param order byte order in the file
 * @param fortran whether the first index runs fastest
 * @param shape sizes, checked to be non-negative and to multiply without overflow
 * @param offset first byte in the file
 */
record StoredArray(
    String name, StoredType type, ByteOrder order, boolean fortran, long[] shape, long offset) {

  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  /**
   * The array's size in the file, or a {@link DataException} where the shape is negative or its
   * size past what a file can hold.
   */
  static long byteSize(String name, StoredType type, long[] shape) {
    long bytes = type.bytes();
    boolean empty = false;
    try {
      for (long size : shape) {
        if (size < 0) {
          throw new DataException(
              name + ": a negative size in the shape " + Arrays.toString(shape) + ".");
        }
        empty |= size == 0;
        bytes = Math.multiplyExact(bytes, Math.max(size, 1));
      }
    } catch (ArithmeticException e) {
      throw new DataException(
          name + ": the shape " + Arrays.toString(shape) + " is larger than any file can be.", e);
    }
    return empty ? 0 : bytes;
  }

  long byteSize() {
    return byteSize(name, type, shape);
  }

  /**
   * Maps the array and makes a tensor over it: without a copy where the file's layout is the
   * tensor's own, else through one conversion. What is mapped is read-only: in-place operators on
   * it are refused.
   */
  Tensor load(FileChannel channel) throws IOException {
    long bytes = byteSize();
    if (bytes == 0) {
      return Tensor.of(Arena.ofAuto().allocate(8, 8).asSlice(0, 0), type.dtype(), shape);
    }
    MemorySegment mapped =
        channel.map(FileChannel.MapMode.READ_ONLY, offset, bytes, Arena.ofAuto());
    if (type == StoredType.BOOL) {
      checkBooleans(mapped);
    }
    if (!type.sameBytes()) {
      mapped = widen(mapped);
    } else if (order == ByteOrder.BIG_ENDIAN && type.bytes() > 1) {
      mapped = swap(mapped);
    } else if (mapped.address() % type.bytes() != 0) {
      mapped = allocate(bytes).copyFrom(mapped);
    } else if (!isTransposed()) {
      return Tensor.of(mapped, type.dtype(), shape);
    }
    return isTransposed() ? transposed(mapped) : Tensor.of(mapped, type.dtype(), shape);
  }

  private boolean isTransposed() {
    return fortran && shape.length > 1;
  }

  private Tensor transposed(MemorySegment data) {
    int n = shape.length;
    long[] reversed = new long[n];
    long[] axes = new long[n];
    for (int i = 0; i < n; i++) {
      reversed[i] = shape[n - 1 - i];
      axes[i] = n - 1L - i;
    }
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(Tensor.of(data, type.dtype(), reversed).permute(axes).contiguous());
    }
  }

  private void checkBooleans(MemorySegment data) {
    for (long i = 0; i < data.byteSize(); i++) {
      byte b = data.get(ValueLayout.JAVA_BYTE, i);
      if (b != 0 && b != 1) {
        throw new DataException(
            name
                + ": holds the byte "
                + (b & 0xff)
                + " where a bool is 0 or 1, at element "
                + i
                + ".");
      }
    }
  }

  private MemorySegment swap(MemorySegment data) {
    MemorySegment out = allocate(data.byteSize());
    for (long i = 0; i < data.byteSize(); i += type.bytes()) {
      switch (type.bytes()) {
        case 2 -> out.set(SHORT, i, Short.reverseBytes(data.get(SHORT, i)));
        case 4 -> out.set(INT, i, Integer.reverseBytes(data.get(INT, i)));
        default -> out.set(LONG, i, Long.reverseBytes(data.get(LONG, i)));
      }
    }
    return out;
  }

  private MemorySegment widen(MemorySegment data) {
    DType dtype = type.dtype();
    long count = data.byteSize() / type.bytes();
    MemorySegment out = allocate(count * dtype.byteSize());
    for (long i = 0; i < count; i++) {
      switch (type) {
        case U16 -> out.set(INT, i * 4, data.get(SHORT.withOrder(order), i * 2) & 0xffff);
        case U32 -> out.set(LONG, i * 8, data.get(INT.withOrder(order), i * 4) & 0xffff_ffffL);
        default -> {
          long value = data.get(LONG.withOrder(order), i * 8);
          if (value < 0) {
            throw new DataException(
                name
                    + ": holds the unsigned number "
                    + Long.toUnsignedString(value)
                    + " at element "
                    + i
                    + ", past what a 64-bit integer holds.");
          }
          out.set(LONG, i * 8, value);
        }
      }
    }
    return out;
  }

  private static MemorySegment allocate(long bytes) {
    return Arena.ofAuto().allocate(bytes, 64);
  }
}
