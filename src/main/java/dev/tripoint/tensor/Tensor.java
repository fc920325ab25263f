package dev.tripoint.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.tripoint.ffi.TripointC;
import dev.tripoint.ffi.tp_tensor_info;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of LibTorch's: elements of one {@link DType} on one {@link Device}.
 *
 * <p><b>Life.</b> A tensor belongs to the innermost {@link TensorScope} open on the thread that
 * made it, which closes it; with none open the caller closes it. Closing gives up this handle: the
 * memory goes when nothing else, such as a view or autograd, needs it. Closing while another
 * thread's call uses the tensor is safe. Using a closed tensor, or closing it twice, is a {@link
 * TensorClosedException}.
 *
 * <p><b>Threads.</b> A tensor may be used from any thread. Several may read it at once; who writes
 * must be alone, as in PyTorch.
 *
 * <p><b>Shapes and defaults.</b> Operators have PyTorch's names in camel case, its broadcasting,
 * its type promotion and its defaults; a dimension may be negative and then counts from the end.
 */
public final class Tensor extends NamedOperators {
  private static final Op DETACH = Op.lazy("aten::detach");
  private static final Op ITEM = Op.lazy("aten::item");
  private static final Op TO = Op.lazy("aten::to.dtype_layout");
  private static final Op RESOLVE_NEG = Op.lazy("aten::resolve_neg");
  private static final Op IS_CONJ = Op.lazy("aten::is_conj");
  private static final Op CONTIGUOUS = Op.lazy("aten::contiguous");

  private final @Nullable Backing backing;
  private final LeakReport.@Nullable Watch watch = LeakReport.watch(this);

  Tensor(long address, @Nullable Backing backing) {
    super(address);
    this.backing = backing;
  }

  @Nullable Backing backing() {
    return backing;
  }

  @Override
  void free() {
    if (watch != null) {
      watch.closed();
    }
    TripointC.tp_tensor_release(MemorySegment.ofAddress(address));
  }

  @Override
  String kind() {
    return "tensor";
  }

  // ------------------------------------------------------------------------------------- making

  /**
   * A tensor over memory of the caller's, contiguous, without a copy: what either side writes the
   * other sees.
   *
   * <p>The segment, native or a mapped file, stays reachable until LibTorch lets go of the memory,
   * which views and saved values may delay beyond the tensor's close. Its arena must stay open for
   * as long: a call on a tensor whose arena is closed is refused, but a value that autograd saved
   * cannot be checked, nor an arena that another thread closes during a call. Over a read-only
   * segment the tensor is read-only too: operators that would write to it are refused. A heap
   * segment cannot be lent to native code; it is copied, once.
   *
   * @param memory exactly as many bytes as the shape needs, its address a multiple of the element
   *     size
   * @param dtype the type of the elements; bool elements must be 0 or 1
   * @param sizes the shape; none for a single element
   * @return the tensor, on the CPU
   * @throws IllegalArgumentException when the size or the alignment does not fit
   * @throws IllegalStateException when the segment's arena is closed, or it is another thread's
   */
  public static Tensor of(MemorySegment memory, DType dtype, long... sizes) {
    long bytes = bytesOf(dtype, sizes);
    if (memory.byteSize() != bytes) {
      throw new IllegalArgumentException(
          "Shape "
              + Arrays.toString(sizes)
              + " of "
              + dtype.torchName()
              + " needs exactly "
              + bytes
              + " bytes and the segment has "
              + memory.byteSize());
    }
    NativeLibrary.ensure();
    if (!memory.scope().isAlive()) {
      throw new IllegalStateException("The segment's arena is closed");
    }
    if (!memory.isAccessibleBy(Thread.currentThread())) {
      throw new IllegalStateException(
          "The segment belongs to another thread; allocate it in a shared or an automatic arena");
    }
    if (!memory.isNative()) {
      return copied(memory, dtype, sizes);
    }
    if (memory.address() % dtype.alignment() != 0) {
      throw new IllegalArgumentException(
          "The segment's address "
              + Long.toHexString(memory.address())
              + " (hexadecimal) is not a multiple of "
              + dtype.alignment()
              + ", as "
              + dtype.torchName()
              + " needs; copy it to an aligned segment");
    }
    return Backing.wrap(memory, dtype, sizes.clone());
  }

  /**
   * A float32 tensor with a copy of an array.
   *
   * @param values the elements, the last dimension fastest
   * @param sizes the shape; none gives one dimension as long as the array
   * @return the tensor, on the CPU
   * @throws IllegalArgumentException when the shape has another number of elements
   */
  public static Tensor of(float[] values, long... sizes) {
    return ofHeap(MemorySegment.ofArray(values), DType.FLOAT32, values.length, sizes);
  }

  /**
   * A float64 tensor with a copy of an array.
   *
   * @param values the elements, the last dimension fastest
   * @param sizes the shape; none gives one dimension as long as the array
   * @return the tensor, on the CPU
   * @throws IllegalArgumentException when the shape has another number of elements
   */
  public static Tensor of(double[] values, long... sizes) {
    return ofHeap(MemorySegment.ofArray(values), DType.FLOAT64, values.length, sizes);
  }

  /**
   * An int64 tensor with a copy of an array.
   *
   * @param values the elements, the last dimension fastest
   * @param sizes the shape; none gives one dimension as long as the array
   * @return the tensor, on the CPU
   * @throws IllegalArgumentException when the shape has another number of elements
   */
  public static Tensor of(long[] values, long... sizes) {
    return ofHeap(MemorySegment.ofArray(values), DType.INT64, values.length, sizes);
  }

  /**
   * An int32 tensor with a copy of an array.
   *
   * @param values the elements, the last dimension fastest
   * @param sizes the shape; none gives one dimension as long as the array
   * @return the tensor, on the CPU
   * @throws IllegalArgumentException when the shape has another number of elements
   */
  public static Tensor of(int[] values, long... sizes) {
    return ofHeap(MemorySegment.ofArray(values), DType.INT32, values.length, sizes);
  }

  /**
   * A uint8 tensor with a copy of an array.
   *
   * @param values the elements, taken as unsigned, the last dimension fastest
   * @param sizes the shape; none gives one dimension as long as the array
   * @return the tensor, on the CPU
   * @throws IllegalArgumentException when the shape has another number of elements
   */
  public static Tensor of(byte[] values, long... sizes) {
    return ofHeap(MemorySegment.ofArray(values), DType.UINT8, values.length, sizes);
  }

  /**
   * A bool tensor with a copy of an array.
   *
   * @param values the elements, the last dimension fastest
   * @param sizes the shape; none gives one dimension as long as the array
   * @return the tensor, on the CPU
   * @throws IllegalArgumentException when the shape has another number of elements
   */
  public static Tensor of(boolean[] values, long... sizes) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return ofHeap(MemorySegment.ofArray(bytes), DType.BOOL, values.length, sizes);
  }

  private static Tensor ofHeap(MemorySegment values, DType dtype, int length, long[] sizes) {
    long[] shape = sizes.length == 0 ? new long[] {length} : sizes;
    long bytes = bytesOf(dtype, shape);
    if (bytes != values.byteSize()) {
      throw new IllegalArgumentException(
          "Shape "
              + Arrays.toString(shape)
              + " has "
              + bytes / dtype.byteSize()
              + " elements and the array has "
              + length);
    }
    NativeLibrary.ensure();
    return copied(values, dtype, shape);
  }

  private static Tensor copied(MemorySegment values, DType dtype, long[] sizes) {
    CallFrame frame = CallFrame.enter();
    Tensor tensor;
    try {
      tensor = frame.allocate(dtype, Device.CPU, false, sizes);
      try {
        long data = tp_tensor_info.data(frame.info(tensor)).address();
        MemorySegment.ofAddress(data).reinterpret(values.byteSize()).copyFrom(values);
      } catch (RuntimeException e) {
        tensor.tryClose();
        throw e;
      }
      return frame.adopt(tensor);
    } finally {
      frame.leave();
    }
  }

  /** Bytes of a shape; refuses negative sizes and what no address space has room for. */
  static long bytesOf(DType dtype, long[] sizes) {
    long bytes = dtype.byteSize();
    boolean empty = false;
    for (long size : sizes) {
      if (size < 0) {
        throw new IllegalArgumentException(
            "A shape has no negative sizes, got " + Arrays.toString(sizes));
      }
      empty |= size == 0;
    }
    if (empty) {
      return 0;
    }
    try {
      for (long size : sizes) {
        bytes = Math.multiplyExact(bytes, size);
      }
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "Shape " + Arrays.toString(sizes) + " is larger than any memory", e);
    }
    return bytes;
  }

  // -------------------------------------------------------------------------------- what it is

  /**
   * The type of the elements.
   *
   * @return the type
   */
  public DType dtype() {
    CallFrame frame = CallFrame.enter();
    try {
      return DType.of(tp_tensor_info.dtype(frame.info(this)));
    } finally {
      frame.leave();
    }
  }

  /**
   * Where the memory is.
   *
   * @return the device
   */
  public Device device() {
    CallFrame frame = CallFrame.enter();
    try {
      MemorySegment info = frame.info(this);
      return Device.of(tp_tensor_info.device_type(info), tp_tensor_info.device_index(info));
    } finally {
      frame.leave();
    }
  }

  /**
   * The number of dimensions.
   *
   * @return 0 for a single element
   */
  public int dim() {
    CallFrame frame = CallFrame.enter();
    try {
      return tp_tensor_info.dim(frame.info(this));
    } finally {
      frame.leave();
    }
  }

  /**
   * The number of elements.
   *
   * @return the product of the sizes
   */
  public long numel() {
    CallFrame frame = CallFrame.enter();
    try {
      return tp_tensor_info.numel(frame.info(this));
    } finally {
      frame.leave();
    }
  }

  /**
   * Whether autograd follows the tensor.
   *
   * @return true for leaves that ask for it and for what was made from them
   */
  public boolean requiresGrad() {
    CallFrame frame = CallFrame.enter();
    try {
      return tp_tensor_info.requires_grad(frame.info(this)) != 0;
    } finally {
      frame.leave();
    }
  }

  /**
   * The shape.
   *
   * @return a new array, one size for each dimension
   */
  public long[] sizes() {
    return CallFrame.describe(this).sizes();
  }

  /**
   * One size of the shape.
   *
   * @param d the dimension; negative ones count from the end
   * @return its size
   * @throws IndexOutOfBoundsException when there is no such dimension
   */
  public long size(int d) {
    CallFrame frame = CallFrame.enter();
    try {
      return frame.size(this, d);
    } finally {
      frame.leave();
    }
  }

  /**
   * How far apart neighbours are in each dimension.
   *
   * @return a new array, in elements
   */
  public long[] strides() {
    return CallFrame.describe(this).strides();
  }

  /**
   * Whether the elements lie one after the other, the last dimension fastest.
   *
   * @return true then
   */
  public boolean isContiguous() {
    return CallFrame.describe(this).contiguous();
  }

  // ------------------------------------------------------------------------------------- memory

  /**
   * Lends the tensor's memory to Java, without a copy: what either side writes the other sees.
   *
   * <p>The segment belongs to the current scope: readable until that is closed, by its thread only
   * or, in a shared scope, by every thread. Until then the memory stays, even if the tensor is
   * closed, and nothing may move it: {@code resize_}, {@code set_} and {@code out=} of another
   * shape, on this tensor or any view of the same storage, are refused. Of a tensor over a segment
   * of the caller's, that segment's own part is given, with its own life. Read-only memory gives a
   * read-only segment. Writing is not seen by autograd.
   *
   * @return all elements, as many bytes as the shape needs
   * @throws IllegalStateException when no scope is open
   * @throws TensorException when the memory is not contiguous, or not on the CPU
   */
  public MemorySegment segment() {
    TensorScope scope = TensorScope.current();
    if (scope == null) {
      throw new IllegalStateException(
          "No scope is open; memory that a tensor lends belongs to one: open a TensorScope");
    }
    Loan.lockLending();
    try {
      return lend(scope, CallFrame.describe(this));
    } finally {
      Loan.unlockLending();
    }
  }

  private MemorySegment lend(TensorScope scope, Description is) {
    if (!is.onCpu()) {
      throw new TensorException(
          "A tensor on "
              + is.device()
              + " has no memory that Java can read; copy it with to(Device.CPU)"
              + (is.device().type() == Device.Type.META ? " or give it memory" : ""));
    }
    if (!is.contiguous()) {
      throw new TensorException(
          "A tensor of sizes "
              + Arrays.toString(is.sizes())
              + " and strides "
              + Arrays.toString(is.strides())
              + " does not lie in memory element after element; call contiguous() first");
    }
    if (is.dtype().isComplex() && isConjugate()) {
      throw new TensorException(
          "The memory of a conjugate view holds other values than the view; copy() it first");
    }
    checkAlive();
    long bytes = is.numel() * is.dtype().byteSize();
    Loan loan = new Loan(holder(), is.storage());
    loan.begin();
    scope.add(loan);
    MemorySegment lent =
        backing != null && bytes > 0
            ? backing.slice(is.data(), bytes)
            : scope.lend(is.data(), bytes);
    scope.arena();
    return backing != null && backing.readOnly() ? lent.asReadOnly() : lent;
  }

  private boolean isConjugate() {
    return (Boolean) IS_CONJ.call(this).getFirst();
  }

  /** A handle of a tensor of its own over the same storage, that belongs to nobody yet. */
  private long holder() {
    CallFrame frame = DETACH.begin().tensor(this);
    return frame.oneAddress();
  }

  private void checkAlive() {
    if (backing != null && !backing.isAlive()) {
      throw new IllegalStateException(
          "The arena of the memory that this tensor stands on is closed");
    }
  }

  /**
   * Where a GPU keeps the tensor, for libraries that work on the GPU's own addresses. The tensor
   * must stay open meanwhile.
   *
   * @return the address and the bytes from there on; the address cannot be read by Java
   * @throws TensorException when the tensor is not on a GPU or not contiguous
   */
  public DeviceMemory deviceMemory() {
    Description is = CallFrame.describe(this);
    if (is.deviceType() != Device.Type.CUDA.code()) {
      throw new TensorException(
          "A tensor on " + is.device() + " has no memory on a GPU; use segment() for the CPU");
    }
    if (!is.contiguous()) {
      throw new TensorException("The tensor is not contiguous; call contiguous() first");
    }
    return new DeviceMemory(MemorySegment.ofAddress(is.data()), is.numel() * is.dtype().byteSize());
  }

  /**
   * The elements as float, converted from any type, any strides and any device. A copy.
   *
   * @return the elements, the last dimension fastest
   * @throws TensorException when there are more than an array can have
   */
  public float[] toFloatArray() {
    float[] values = new float[arrayLength()];
    read(DType.FLOAT32, m -> MemorySegment.copy(m, JAVA_FLOAT, 0, values, 0, values.length));
    return values;
  }

  /**
   * The elements as double, converted from any type, any strides and any device. A copy.
   *
   * @return the elements, the last dimension fastest
   * @throws TensorException when there are more than an array can have
   */
  public double[] toDoubleArray() {
    double[] values = new double[arrayLength()];
    read(DType.FLOAT64, m -> MemorySegment.copy(m, JAVA_DOUBLE, 0, values, 0, values.length));
    return values;
  }

  /**
   * The elements as long, converted from any type (fractions are cut off), any strides and any
   * device. A copy.
   *
   * @return the elements, the last dimension fastest
   * @throws TensorException when there are more than an array can have
   */
  public long[] toLongArray() {
    long[] values = new long[arrayLength()];
    read(DType.INT64, m -> MemorySegment.copy(m, JAVA_LONG, 0, values, 0, values.length));
    return values;
  }

  /**
   * The elements as int, converted from any type (fractions are cut off), any strides and any
   * device. A copy.
   *
   * @return the elements, the last dimension fastest
   * @throws TensorException when there are more than an array can have
   */
  public int[] toIntArray() {
    int[] values = new int[arrayLength()];
    read(DType.INT32, m -> MemorySegment.copy(m, JAVA_INT, 0, values, 0, values.length));
    return values;
  }

  /**
   * Whether each element differs from zero, of any type, any strides and any device. A copy.
   *
   * @return the elements, the last dimension fastest
   * @throws TensorException when there are more than an array can have
   */
  public boolean[] toBooleanArray() {
    boolean[] values = new boolean[arrayLength()];
    read(
        DType.BOOL,
        m -> {
          for (int i = 0; i < values.length; i++) {
            values[i] = m.get(JAVA_BYTE, i) != 0;
          }
        });
    return values;
  }

  private int arrayLength() {
    long numel = numel();
    if (numel > Integer.MAX_VALUE - 8) {
      throw new TensorException(numel + " elements are more than an array can have; use segment()");
    }
    return (int) numel;
  }

  private interface Reader {
    void read(MemorySegment elements);
  }

  /** Gives the elements in a type, contiguous on the CPU, to a reader. */
  private void read(DType dtype, Reader reader) {
    checkAlive();
    CallFrame frame = CallFrame.enter();
    try {
      frame.hold(this);
      Description is = frame.describe(this.address);
      // A view of one element may be lazily negated and still look contiguous.
      if (is.dtypeCode() == dtype.code() && is.onCpu() && is.contiguous() && is.numel() != 1) {
        reader.read(memory(is));
        return;
      }
    } finally {
      frame.leave();
    }
    try (TensorScope _ = TensorScope.open();
        Autograd.Mode _ = Autograd.noGrad()) {
      Tensor converted =
          TO.begin()
              .tensor(RESOLVE_NEG.begin().tensor(this).one())
              .dtype(dtype)
              .none()
              .device(Device.CPU)
              .one();
      Tensor plain = CONTIGUOUS.begin().tensor(converted).one();
      reader.read(memory(CallFrame.describe(plain)));
    }
  }

  private static MemorySegment memory(Description is) {
    return MemorySegment.ofAddress(is.data()).reinterpret(is.numel() * is.dtype().byteSize());
  }

  /**
   * The one element.
   *
   * @return its value as double; true is 1
   * @throws TensorException when there is not exactly one
   */
  public double item() {
    return switch (scalar()) {
      case Boolean b -> b ? 1 : 0;
      case Number n -> n.doubleValue();
      case Object other -> throw new TensorException("item() cannot give " + other);
    };
  }

  /**
   * The one element of an integer or bool tensor, exactly; of another, with its fraction cut off.
   *
   * @return its value as long; true is 1
   * @throws TensorException when there is not exactly one
   */
  public long itemLong() {
    return switch (scalar()) {
      case Boolean b -> b ? 1 : 0;
      case Number n -> n.longValue();
      case Object other -> throw new TensorException("itemLong() cannot give " + other);
    };
  }

  /**
   * Whether the one element differs from zero.
   *
   * @return true then
   * @throws TensorException when there is not exactly one
   */
  public boolean itemBoolean() {
    return switch (scalar()) {
      case Boolean b -> b;
      case Number n -> n.doubleValue() != 0;
      case Object other -> throw new TensorException("itemBoolean() cannot give " + other);
    };
  }

  private Object scalar() {
    Object value = ITEM.begin().tensor(this).scalar();
    if (value == null) {
      throw new TensorException("The tensor's element has no form in Java");
    }
    return value;
  }

  // --------------------------------------------------------------------------------------- life

  /**
   * Hands this tensor from its scope to the scope outside, or to the caller when there is none. A
   * tensor that the caller owns already stays so.
   *
   * @return this
   * @throws IllegalStateException when the scope is another thread's; {@link #retain} there instead
   * @throws TensorClosedException when the tensor is closed
   */
  public Tensor keep() {
    TensorScope owner = scope;
    if (owner == null) {
      if (isClosed()) {
        throw new TensorClosedException("A closed tensor cannot be kept");
      }
      return this;
    }
    return owner.keep(this);
  }

  /**
   * A second handle to the same tensor, with a life of its own: it belongs to the innermost scope
   * of the calling thread, or to the caller.
   *
   * @return the new handle
   */
  public Tensor retain() {
    CallFrame frame = CallFrame.enter();
    try {
      frame.hold(this);
      frame.check(
          TripointC.tp_tensor_retain(MemorySegment.ofAddress(address), frame.out(), frame.error()));
      return frame.adopt(new Tensor(frame.outAddress(), backing));
    } finally {
      frame.leave();
    }
  }

  // ----------------------------------------------------------------------------------- autograd

  /**
   * Asks autograd to follow this tensor, or not to.
   *
   * @param on whether to follow it
   * @return this
   * @throws TensorException unless it is a floating-point or complex leaf
   */
  public Tensor requiresGrad(boolean on) {
    CallFrame frame = CallFrame.enter();
    try {
      frame.hold(this);
      frame.check(
          TripointC.tp_tensor_set_requires_grad(
              MemorySegment.ofAddress(address), on ? 1 : 0, frame.error()));
      return this;
    } finally {
      frame.leave();
    }
  }

  /**
   * The gradient that {@link #backward} gathered.
   *
   * @return a new handle to it, or null when there is none
   */
  public @Nullable Tensor grad() {
    CallFrame frame = CallFrame.enter();
    try {
      frame.hold(this);
      frame.check(
          TripointC.tp_tensor_grad(MemorySegment.ofAddress(address), frame.out(), frame.error()));
      long gradient = frame.outAddress();
      return gradient == 0 ? null : frame.adopt(frame.reached(gradient));
    } finally {
      frame.leave();
    }
  }

  /**
   * Replaces the gradient.
   *
   * @param gradient of this tensor's shape, type and device; null clears it
   */
  public void grad(@Nullable Tensor gradient) {
    CallFrame frame = CallFrame.enter();
    try {
      frame.hold(this);
      if (gradient != null) {
        frame.hold(gradient);
      }
      frame.check(
          TripointC.tp_tensor_set_grad(
              MemorySegment.ofAddress(address),
              gradient == null ? MemorySegment.NULL : MemorySegment.ofAddress(gradient.address),
              frame.error()));
    } finally {
      frame.leave();
    }
  }

  /**
   * Adds the gradients of this tensor, of one element, to {@code .grad} of the leaves that it was
   * made from. The graph is freed.
   *
   * @throws TensorException when nothing requires a gradient, or there is more than one element
   */
  public void backward() {
    backward(null, false, false);
  }

  /**
   * Adds the gradients of this tensor to {@code .grad} of the leaves that it was made from.
   *
   * @param gradient what it starts from, of this tensor's shape; null stands for one at a single
   *     element
   * @param retainGraph keeps the graph for another pass
   * @param createGraph records the pass itself, for second derivatives
   * @throws TensorException when LibTorch refuses
   */
  public void backward(@Nullable Tensor gradient, boolean retainGraph, boolean createGraph) {
    Autograd.backward(this, gradient, retainGraph, createGraph);
  }

  /**
   * The tensor as PyTorch prints it with its default options. The name of the function that made it
   * ({@code grad_fn}) is not shown; such a tensor says {@code requires_grad=True}.
   *
   * @return the text; {@code tensor(closed)} after it was closed
   */
  @Override
  public String toString() {
    return isClosed() ? "tensor(closed)" : TensorPrinter.print(this);
  }
}
