package dev.tripoint.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tripoint.ffi.TripointC;
import dev.tripoint.ffi.tp_error;
import dev.tripoint.ffi.tp_modes;
import dev.tripoint.ffi.tp_tensor_info;
import dev.tripoint.ffi.tp_value;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One call: native room for its values, results, modes and error, and the handles that it holds.
 *
 * <p>Arguments are added in the schema's order, then one of the methods that run the call ends it.
 * What goes wrong in between ends the call too, so a frame is never left half filled. A platform
 * thread has a frame of its own and a virtual thread borrows one, so that a call allocates no
 * native memory; a call inside another (LibTorch may call back while one runs) borrows a second
 * one.
 */
final class CallFrame {
  static final int MAX_ARGUMENTS = 48;
  static final int MAX_RESULTS = 16;
  private static final int MAX_DIMS = 64;

  private static final int NONE = TripointC.TP_NONE();
  private static final int DEFAULT = TripointC.TP_DEFAULT();
  private static final int TENSOR = TripointC.TP_TENSOR();
  private static final int INT = TripointC.TP_INT();
  private static final int DOUBLE = TripointC.TP_DOUBLE();
  private static final int BOOLEAN = TripointC.TP_BOOLEAN();
  private static final int STRING = TripointC.TP_STRING();
  private static final int DEVICE = TripointC.TP_DEVICE();
  private static final int GENERATOR = TripointC.TP_GENERATOR();
  private static final int OBJECT = TripointC.TP_OBJECT();
  private static final int INT_LIST = TripointC.TP_INT_LIST();
  private static final int DOUBLE_LIST = TripointC.TP_DOUBLE_LIST();
  private static final int BOOLEAN_LIST = TripointC.TP_BOOLEAN_LIST();
  private static final int TENSOR_LIST = TripointC.TP_TENSOR_LIST();
  private static final int OPTIONAL_TENSOR_LIST = TripointC.TP_OPTIONAL_TENSOR_LIST();
  private static final int SCALAR_LIST = TripointC.TP_SCALAR_LIST();
  private static final int STRING_LIST = TripointC.TP_STRING_LIST();

  private static final long VALUE = tp_value.sizeof();
  private static final long TAG = tp_value.tag$offset();
  private static final long LENGTH = tp_value.length$offset();
  private static final long PAYLOAD = tp_value.as$offset();

  private static final long SCRATCH_BYTES = 2048;
  private static final long VALUES_AT = 0;
  private static final long RESULTS_AT = VALUES_AT + MAX_ARGUMENTS * VALUE;
  private static final long MODES_AT = RESULTS_AT + MAX_RESULTS * VALUE;
  private static final long INFO_AT = MODES_AT + 32;
  private static final long OUT_AT = INFO_AT + 128;
  private static final long SHAPE_AT = OUT_AT + 16;
  private static final long SCRATCH_AT = SHAPE_AT + 16L * MAX_DIMS;
  private static final long ERROR_AT = SCRATCH_AT + SCRATCH_BYTES;
  private static final long BYTES = ERROR_AT + tp_error.sizeof();

  private static final ConcurrentLinkedDeque<CallFrame> POOL = new ConcurrentLinkedDeque<>();

  /** Keeps the memory; the segments below stand on the global scope, which costs a call less. */
  @SuppressWarnings("unused")
  private final MemorySegment owned;

  private final boolean pooled;
  private final MemorySegment memory;
  private final MemorySegment values;
  private final MemorySegment results;
  private final MemorySegment modes;
  private final MemorySegment info;
  private final MemorySegment lengths;
  private final MemorySegment strides;
  private final MemorySegment out;
  private final MemorySegment error;

  private boolean busy;
  private ThreadState state;
  private @Nullable Op op;
  private Op.@Nullable Resolved resolved;
  private int count;
  private int resultCount;
  private Handle[] held = new Handle[16];
  private int heldCount;
  private boolean backed;
  private boolean unrecorded;
  private long scratch;
  private @Nullable Arena overflow;
  private boolean grad = true;
  private boolean inference;

  private CallFrame(ThreadState state, boolean pooled) {
    this.state = state;
    this.pooled = pooled;
    owned = Arena.ofAuto().allocate(BYTES, 16);
    memory = MemorySegment.ofAddress(owned.address()).reinterpret(BYTES);
    values = memory.asSlice(VALUES_AT, MAX_ARGUMENTS * VALUE);
    results = memory.asSlice(RESULTS_AT, MAX_RESULTS * VALUE);
    modes = memory.asSlice(MODES_AT, tp_modes.sizeof());
    info = memory.asSlice(INFO_AT, tp_tensor_info.sizeof());
    out = memory.asSlice(OUT_AT, 16);
    lengths = memory.asSlice(SHAPE_AT, 8L * MAX_DIMS);
    strides = memory.asSlice(SHAPE_AT + 8L * MAX_DIMS, 8L * MAX_DIMS);
    error = memory.asSlice(ERROR_AT, tp_error.sizeof());
    tp_modes.grad(modes, 1);
    tp_modes.device_type(modes, -1);
    tp_modes.device_index(modes, -1);
  }

  // ------------------------------------------------------------------------------ begin and end

  /** A frame for the calling thread, to be given back by {@link #leave}. */
  static CallFrame enter() {
    ThreadState state = ThreadState.current();
    CallFrame frame = state.frame;
    if (frame == null || frame.busy) {
      frame = borrow(state);
    }
    frame.busy = true;
    frame.state = state;
    frame.count = 0;
    frame.scratch = SCRATCH_AT;
    return frame;
  }

  private static CallFrame borrow(ThreadState state) {
    if (!state.virtual && state.frame == null) {
      CallFrame frame = new CallFrame(state, false);
      state.frame = frame;
      return frame;
    }
    CallFrame frame = POOL.pollFirst();
    return frame != null ? frame : new CallFrame(state, true);
  }

  /** Begins the call of an operator. */
  static CallFrame begin(Op op, Op.Resolved resolved) {
    CallFrame frame = enter();
    frame.op = op;
    frame.resolved = resolved;
    return frame;
  }

  /** Releases what the call held. The frame is not to be used after. */
  void leave() {
    for (int i = 0; i < heldCount; i++) {
      Handle handle = held[i];
      held[i] = null;
      handle.release();
    }
    if (heldCount > 64) {
      held = new Handle[16];
    }
    heldCount = 0;
    backed = false;
    unrecorded = false;
    op = null;
    resolved = null;
    if (overflow != null) {
      overflow.close();
      overflow = null;
    }
    busy = false;
    if (pooled) {
      POOL.addFirst(this);
    }
  }

  // --------------------------------------------------------------------------------- arguments

  /** Nothing of this call is recorded for autograd, whatever the thread's mode. */
  CallFrame unrecorded() {
    unrecorded = true;
    return this;
  }

  /** Holds a handle until the call ends; a closed one ends the call. */
  void hold(Handle handle) {
    if (heldCount == held.length) {
      held = Arrays.copyOf(held, 2 * heldCount);
    }
    handle.acquire();
    held[heldCount++] = handle;
  }

  private void holdArgument(@Nullable Handle given) {
    Handle handle = required(given);
    try {
      hold(handle);
      if (handle instanceof Tensor tensor && tensor.backing() != null) {
        checkBacking(tensor.backing());
      }
    } catch (RuntimeException | Error e) {
      leave();
      throw e;
    }
  }

  /** An argument that must not be null; the call ends when it is. */
  private <T> T required(@Nullable T argument) {
    if (argument == null) {
      String message = "Argument " + (count + 1) + " of " + name() + " must not be null";
      leave();
      throw new NullPointerException(message);
    }
    return argument;
  }

  private void checkBacking(Backing backing) {
    if (!backing.isAlive()) {
      throw new IllegalStateException(
          "The arena of the memory that this tensor stands on is closed; "
              + name()
              + " cannot read it");
    }
    if (backing.readOnly() && resolved != null && resolved.writes(count)) {
      throw new TensorException(
          name() + " would write to a tensor over read-only memory; it is refused");
    }
    backed = true;
  }

  private void put(int tag, long length, long payload) {
    long at = VALUES_AT + count * VALUE;
    memory.set(JAVA_LONG, at + TAG, tag);
    memory.set(JAVA_LONG, at + LENGTH, length);
    memory.set(JAVA_LONG, at + PAYLOAD, payload);
    count++;
  }

  CallFrame tensor(Tensor tensor) {
    holdArgument(tensor);
    put(TENSOR, 0, tensor.address);
    return this;
  }

  CallFrame optional(@Nullable Tensor tensor) {
    return tensor == null ? none() : tensor(tensor);
  }

  CallFrame integer(long value) {
    put(INT, 0, value);
    return this;
  }

  CallFrame real(double value) {
    put(DOUBLE, 0, Double.doubleToRawLongBits(value));
    return this;
  }

  CallFrame real(@Nullable Double value) {
    return value == null ? none() : real(value.doubleValue());
  }

  CallFrame bool(boolean value) {
    put(BOOLEAN, 0, value ? 1 : 0);
    return this;
  }

  CallFrame none() {
    put(NONE, 0, 0);
    return this;
  }

  CallFrame byDefault() {
    put(DEFAULT, 0, 0);
    return this;
  }

  CallFrame dtype(DType dtype) {
    return integer(required(dtype).code());
  }

  CallFrame device(Device device) {
    put(DEVICE, 0, required(device).packed());
    return this;
  }

  CallFrame generator(@Nullable Generator generator) {
    if (generator == null) {
      return none();
    }
    holdArgument(generator);
    put(GENERATOR, 0, generator.address);
    return this;
  }

  CallFrame object(NativeObject object) {
    holdArgument(object);
    put(OBJECT, 0, object.address);
    return this;
  }

  CallFrame ints(long... list) {
    put(INT_LIST, required(list).length, argumentLongs(list).address());
    return this;
  }

  CallFrame bools(boolean... list) {
    MemorySegment room = argumentRoom(8L * list.length);
    for (int i = 0; i < list.length; i++) {
      room.setAtIndex(JAVA_LONG, i, list[i] ? 1 : 0);
    }
    put(BOOLEAN_LIST, list.length, room.address());
    return this;
  }

  CallFrame reals(double... list) {
    MemorySegment room = argumentRoom(8L * list.length);
    MemorySegment.copy(list, 0, room, JAVA_DOUBLE, 0, list.length);
    put(DOUBLE_LIST, list.length, room.address());
    return this;
  }

  CallFrame text(String text) {
    long at = scratch;
    if (putAscii(required(text))) {
      put(STRING, text.length(), memory.address() + at);
    } else {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      put(STRING, bytes.length, argumentBytes(bytes).address());
    }
    return this;
  }

  /** Writes a short text of ASCII with its zero, which takes no array; false for another. */
  private boolean putAscii(String text) {
    int length = text.length();
    if (!fits(length + 1L)) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        return false;
      }
      memory.set(JAVA_BYTE, scratch + i, (byte) c);
    }
    memory.set(JAVA_BYTE, scratch + length, (byte) 0);
    scratch += rounded(length + 1L);
    return true;
  }

  CallFrame tensors(List<Tensor> list) {
    return tensorList(TENSOR_LIST, list);
  }

  /** A list whose entries may be null. */
  CallFrame optionalTensors(List<? extends @Nullable Tensor> list) {
    return tensorList(OPTIONAL_TENSOR_LIST, list);
  }

  private CallFrame tensorList(int tag, List<? extends @Nullable Tensor> list) {
    MemorySegment room = argumentRoom(8L * required(list).size());
    int i = 0;
    for (Tensor tensor : list) {
      if (tensor != null || tag == TENSOR_LIST) {
        holdArgument(tensor);
      }
      room.setAtIndex(JAVA_LONG, i++, tensor == null ? 0 : tensor.address);
    }
    put(tag, i, room.address());
    return this;
  }

  /** Numbers and booleans as they are: Long, Double or Boolean each. */
  CallFrame scalars(List<?> list) {
    MemorySegment room = argumentRoom(VALUE * list.size());
    long at = 0;
    for (Object entry : list) {
      room.set(JAVA_LONG, at + LENGTH, 0);
      switch (entry) {
        case Double value -> {
          room.set(JAVA_LONG, at + TAG, DOUBLE);
          room.set(JAVA_DOUBLE, at + PAYLOAD, value);
        }
        case Boolean value -> {
          room.set(JAVA_LONG, at + TAG, BOOLEAN);
          room.set(JAVA_LONG, at + PAYLOAD, value ? 1 : 0);
        }
        default -> {
          room.set(JAVA_LONG, at + TAG, INT);
          room.set(JAVA_LONG, at + PAYLOAD, ((Number) entry).longValue());
        }
      }
      at += VALUE;
    }
    put(SCALAR_LIST, list.size(), room.address());
    return this;
  }

  CallFrame texts(List<String> list) {
    MemorySegment room = argumentRoom(VALUE * list.size());
    long at = 0;
    for (String text : list) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      room.set(JAVA_LONG, at + TAG, STRING);
      room.set(JAVA_LONG, at + LENGTH, bytes.length);
      room.set(JAVA_LONG, at + PAYLOAD, argumentBytes(bytes).address());
      at += VALUE;
    }
    put(STRING_LIST, list.size(), room.address());
    return this;
  }

  private MemorySegment argumentLongs(long[] list) {
    MemorySegment room = argumentRoom(8L * list.length);
    MemorySegment.copy(list, 0, room, JAVA_LONG, 0, list.length);
    return room;
  }

  private MemorySegment argumentBytes(byte[] list) {
    MemorySegment room = argumentRoom(list.length + 1L);
    MemorySegment.copy(list, 0, room, JAVA_BYTE, 0, list.length);
    room.set(JAVA_BYTE, list.length, (byte) 0);
    return room;
  }

  /** Room for an argument; the call has ended when there is none. */
  private MemorySegment argumentRoom(long bytes) {
    try {
      return room(bytes);
    } catch (RuntimeException | Error e) {
      leave();
      throw e;
    }
  }

  /** Native room that lasts as long as the call; what fits needs no allocation. */
  @SuppressWarnings("MustBeClosedChecker") // leave() does it
  private MemorySegment room(long bytes) {
    long rounded = rounded(bytes);
    if (fits(bytes)) {
      MemorySegment room = memory.asSlice(scratch, rounded);
      scratch += rounded;
      return room;
    }
    if (overflow == null) {
      overflow = Arena.ofConfined();
    }
    return overflow.allocate(rounded, 8);
  }

  private boolean fits(long bytes) {
    return scratch + rounded(bytes) <= SCRATCH_AT + SCRATCH_BYTES;
  }

  private static long rounded(long bytes) {
    return (bytes + 7) & ~7L;
  }

  /** A list of numbers in native memory, as long as the call lasts. */
  MemorySegment longs(long... list) {
    MemorySegment room = room(8L * list.length);
    MemorySegment.copy(list, 0, room, JAVA_LONG, 0, list.length);
    return room;
  }

  /** The addresses of tensors, held until the call ends; null gives NULL. */
  MemorySegment handles(List<? extends @Nullable Tensor> list) {
    MemorySegment room = room(Math.max(8L, 8L * list.size()));
    int i = 0;
    for (Tensor tensor : list) {
      if (tensor != null) {
        holdAlive(tensor);
      }
      room.setAtIndex(JAVA_LONG, i++, tensor == null ? 0 : tensor.address);
    }
    return room;
  }

  /** Holds a tensor whose memory must be there; a closed one ends the call. */
  void holdAlive(Tensor tensor) {
    hold(tensor);
    if (tensor.backing() != null) {
      checkBacking(tensor.backing());
    }
  }

  /** Zeroed native room for a number of addresses. */
  MemorySegment addresses(int length) {
    return room(Math.max(8L, 8L * length)).fill((byte) 0);
  }

  // ----------------------------------------------------------------------------------- running

  private void run() {
    Op.Resolved target = resolved;
    setModes();
    int status =
        TripointC.tp_operator_call(
            target.handle(), values, count, results, MAX_RESULTS, out, modes, error);
    if (status != 0) {
      throw failure();
    }
    resultCount = memory.get(JAVA_INT, OUT_AT);
  }

  private void setModes() {
    boolean recorded = state.grad && !unrecorded;
    if (grad != recorded || inference != state.inference) {
      grad = recorded;
      inference = state.inference;
      tp_modes.grad(modes, grad ? 1 : 0);
      tp_modes.inference(modes, inference ? 1 : 0);
    }
  }

  /** Runs a call whose first result is a tensor; others are let go. */
  Tensor one() {
    try {
      run();
      Tensor result = takeTensor(0);
      releaseFrom(1);
      return adopt(result);
    } finally {
      leave();
    }
  }

  /** Runs a call whose one result is a tensor, and gives its handle to the caller alone. */
  long oneAddress() {
    try {
      run();
      return takeTensor(0).address;
    } finally {
      leave();
    }
  }

  /** Runs a call whose results the caller knows already: the tensor that it wrote to. */
  void discard() {
    try {
      run();
      releaseFrom(0);
    } finally {
      leave();
    }
  }

  /** Runs a call whose first two results are tensors; others are let go. */
  <R> R both(BiFunction<Tensor, Tensor, R> made) {
    try {
      run();
      Tensor first = takeTensor(0);
      Tensor second;
      try {
        second = takeTensor(1);
      } catch (TensorException e) {
        first.tryClose();
        throw e;
      }
      releaseFrom(2);
      return made.apply(adopt(first), adopt(second));
    } finally {
      leave();
    }
  }

  /** Runs a call of two results. */
  ValuesIndices pair() {
    return both(ValuesIndices::new);
  }

  /** Runs a call whose first results are tensors; others are let go. */
  Tensor[] first(int number) {
    try {
      run();
      Tensor[] taken = new Tensor[number];
      int i = 0;
      try {
        for (; i < number; i++) {
          taken[i] = takeTensor(i);
        }
      } catch (TensorException e) {
        while (i > 0) {
          taken[--i].tryClose();
        }
        throw e;
      }
      releaseFrom(number);
      for (Tensor each : taken) {
        adopt(each);
      }
      return taken;
    } finally {
      leave();
    }
  }

  /** Runs a call whose one result is a list of tensors. */
  @SuppressWarnings("unchecked")
  List<Tensor> list() {
    return (List<Tensor>) all()[0];
  }

  /** Runs a call and gives its results as Java values; see {@link ResultReader}. */
  @Nullable Object[] all() {
    try {
      run();
      ResultReader reader = new ResultReader(this);
      @Nullable Object[] all = new Object[resultCount];
      int taken = 0;
      try {
        while (taken < all.length) {
          MemorySegment result = results.asSlice(taken * VALUE, VALUE);
          taken++;
          all[taken - 1] = reader.read(result);
        }
      } catch (RuntimeException | Error e) {
        releaseFrom(taken);
        reader.undo();
        throw e;
      }
      reader.adoptAll();
      return all;
    } finally {
      leave();
    }
  }

  /** Runs a call whose one result is a number or a truth value, and gives that, boxed. */
  @Nullable Object scalar() {
    try {
      run();
      int tag = memory.get(JAVA_INT, RESULTS_AT + TAG);
      long payload = memory.get(JAVA_LONG, RESULTS_AT + PAYLOAD);
      if (tag == DOUBLE) {
        return Double.longBitsToDouble(payload);
      }
      if (tag == INT) {
        return payload;
      }
      if (tag == BOOLEAN) {
        return payload != 0;
      }
      ResultReader reader = new ResultReader(this);
      Object other = reader.read(results);
      reader.adoptAll();
      return other;
    } finally {
      leave();
    }
  }

  private Tensor takeTensor(int index) {
    long at = RESULTS_AT + index * VALUE;
    long address = memory.get(JAVA_LONG, at + PAYLOAD);
    if (index >= resultCount || memory.get(JAVA_INT, at + TAG) != TENSOR || address == 0) {
      releaseFrom(index);
      throw new TensorException(name() + " gave no tensor as result " + (index + 1));
    }
    return newTensor(address);
  }

  /** A tensor for a new native handle, with the memory of Java's that it stands on. */
  Tensor newTensor(long address) {
    return new Tensor(address, backed ? backingOf(address) : null);
  }

  /** A tensor for a new handle that was reached through another tensor, not made from it. */
  Tensor reached(long address) {
    if (Backing.none()) {
      return new Tensor(address, null);
    }
    int status =
        TripointC.tp_tensor_describe(
            MemorySegment.ofAddress(address),
            info,
            MemorySegment.NULL,
            MemorySegment.NULL,
            0,
            error);
    Backing behind = status != 0 ? null : Backing.at(tp_tensor_info.storage(info).address());
    return new Tensor(address, behind);
  }

  /** A new contiguous tensor with memory that is not initialised; not given to a scope yet. */
  Tensor allocate(DType dtype, Device device, boolean pinned, long... sizes) {
    check(
        TripointC.tp_tensor_allocate(
            dtype.code(),
            device.type().code(),
            device.index(),
            pinned ? 1 : 0,
            sizes.length,
            longs(sizes),
            out,
            error));
    return newTensor(outAddress());
  }

  /** Gives a value to the innermost scope of the calling thread. */
  <H extends Handle> H adopt(H handle) {
    state.own(handle);
    return handle;
  }

  private @Nullable Backing backingOf(long address) {
    MemorySegment tensor = MemorySegment.ofAddress(address);
    int status =
        TripointC.tp_tensor_describe(
            tensor, info, MemorySegment.NULL, MemorySegment.NULL, 0, error);
    if (status != 0) {
      return null;
    }
    long storage = tp_tensor_info.storage(info).address();
    Backing found = null;
    for (int i = 0; i < heldCount; i++) {
      if (held[i] instanceof Tensor source
          && source.backing() != null
          && source.backing().address() == storage
          && (found == null || source.backing().readOnly())) {
        found = source.backing();
      }
    }
    return found;
  }

  private void releaseFrom(int first) {
    for (int i = first; i < resultCount; i++) {
      long at = RESULTS_AT + i * VALUE;
      int tag = memory.get(JAVA_INT, at + TAG);
      release(tag, memory.get(JAVA_LONG, at + PAYLOAD));
    }
  }

  /** Gives up what a result holds. */
  static void release(int tag, long payload) {
    if (payload != 0 && tag == TENSOR) {
      TripointC.tp_tensor_release(MemorySegment.ofAddress(payload));
    } else if (payload != 0 && (tag == OBJECT || tag == GENERATOR)) {
      TripointC.tp_object_release(MemorySegment.ofAddress(payload));
    }
  }

  // --------------------------------------------------------------------- calls of the ABI itself

  MemorySegment error() {
    return error;
  }

  MemorySegment out() {
    return out;
  }

  long outAddress() {
    return memory.get(JAVA_LONG, OUT_AT);
  }

  int outInt() {
    return memory.get(JAVA_INT, OUT_AT);
  }

  /** The modes of the calling thread. */
  MemorySegment modes() {
    setModes();
    return modes;
  }

  MemorySegment values() {
    return values;
  }

  int count() {
    return count;
  }

  /** Throws what the native side reported, if it did. */
  void check(int status) {
    if (status != 0) {
      throw failure();
    }
  }

  private TensorException failure() {
    String message = memory.getString(ERROR_AT + tp_error.message$offset());
    return new TensorException(op == null ? message : op.name() + ": " + message);
  }

  private String name() {
    return op == null ? "the call" : op.name();
  }

  /** What a tensor is now. */
  static Description describe(Handle tensor) {
    CallFrame frame = enter();
    try {
      frame.hold(tensor);
      return frame.describe(tensor.address);
    } finally {
      frame.leave();
    }
  }

  Description describe(long address) {
    int dim = describeShape(address);
    long[] sizes = new long[dim];
    long[] steps = new long[dim];
    MemorySegment.copy(lengths, JAVA_LONG, 0, sizes, 0, dim);
    MemorySegment.copy(strides, JAVA_LONG, 0, steps, 0, dim);
    return new Description(
        tp_tensor_info.dtype(info),
        tp_tensor_info.device_type(info),
        tp_tensor_info.device_index(info),
        tp_tensor_info.layout(info) == 0,
        tp_tensor_info.requires_grad(info) != 0,
        tp_tensor_info.numel(info),
        tp_tensor_info.data(info).address(),
        tp_tensor_info.storage(info).address(),
        sizes,
        steps);
  }

  /** Fills `info`, `lengths` and `strides`, and gives the number of dimensions. */
  private int describeShape(long address) {
    check(
        TripointC.tp_tensor_describe(
            MemorySegment.ofAddress(address), info, lengths, strides, MAX_DIMS, error));
    int dim = tp_tensor_info.dim(info);
    if (dim > MAX_DIMS) {
      throw new TensorException("A tensor of " + dim + " dimensions is beyond the 64 supported");
    }
    return dim;
  }

  /** One size of the shape, without an array of all. */
  long size(Handle tensor, int d) {
    hold(tensor);
    int dim = describeShape(tensor.address);
    int index = d < 0 ? d + dim : d;
    if (index < 0 || index >= dim) {
      throw new IndexOutOfBoundsException(
          "Dimension " + d + " does not exist in a tensor of " + dim + " dimensions");
    }
    return lengths.getAtIndex(JAVA_LONG, index);
  }

  /** The header of a description only: no arrays are made. */
  MemorySegment info(Handle tensor) {
    hold(tensor);
    check(
        TripointC.tp_tensor_describe(
            MemorySegment.ofAddress(tensor.address),
            info,
            MemorySegment.NULL,
            MemorySegment.NULL,
            0,
            error));
    return info;
  }
}
