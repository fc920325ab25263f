package dev.tripoint.tensor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes tensors: PyTorch's functions of the module {@code torch} that start from no tensor, and
 * some that join several. A result belongs to the innermost scope of the calling thread. All may
 * throw {@link TensorException} when LibTorch refuses, and {@link LibTorchException} when it cannot
 * be loaded.
 */
public final class Torch {
  private static final Op ARANGE = Op.lazy("aten::arange");
  private static final Op ARANGE_START_STEP = Op.lazy("aten::arange.start_step");
  private static final Op CAT = Op.lazy("aten::cat");
  private static final Op EMPTY_LIKE = Op.lazy("aten::empty_like");
  private static final Op EMPTY_MEMORY_FORMAT = Op.lazy("aten::empty.memory_format");
  private static final Op EYE = Op.lazy("aten::eye");
  private static final Op FULL = Op.lazy("aten::full");
  private static final Op LINSPACE = Op.lazy("aten::linspace");
  private static final Op ONES = Op.lazy("aten::ones");
  private static final Op ONES_LIKE = Op.lazy("aten::ones_like");
  private static final Op RANDINT_GENERATOR = Op.lazy("aten::randint.generator");
  private static final Op RANDN_GENERATOR = Op.lazy("aten::randn.generator");
  private static final Op RANDPERM_GENERATOR = Op.lazy("aten::randperm.generator");
  private static final Op RAND_GENERATOR = Op.lazy("aten::rand.generator");
  private static final Op STACK = Op.lazy("aten::stack");
  private static final Op WHERE = Op.lazy("aten::where");
  private static final Op WHERE_SELF = Op.lazy("aten::where.self");
  private static final Op ZEROS = Op.lazy("aten::zeros");
  private static final Op ZEROS_LIKE = Op.lazy("aten::zeros_like");

  private Torch() {}

  /**
   * A float32 tensor on the CPU, with memory that is not initialised.
   *
   * @param sizes the shape; none for a single element
   * @return the tensor
   */
  public static Tensor empty(long... sizes) {
    return empty(DType.FLOAT32, Device.CPU, sizes);
  }

  /**
   * A tensor on the CPU, with memory that is not initialised.
   *
   * @param dtype the type
   * @param sizes the shape; none for a single element
   * @return the tensor
   */
  public static Tensor empty(DType dtype, long... sizes) {
    return empty(dtype, Device.CPU, sizes);
  }

  /**
   * A tensor with memory that is not initialised.
   *
   * @param dtype the type
   * @param device where
   * @param sizes the shape; none for a single element
   * @return the tensor
   */
  public static Tensor empty(DType dtype, Device device, long... sizes) {
    return EMPTY_MEMORY_FORMAT
        .begin()
        .ints(sizes)
        .dtype(dtype)
        .none()
        .device(device)
        .none()
        .none()
        .one();
  }

  /**
   * A float32 tensor on the CPU, of zeros.
   *
   * @param sizes the shape; none for a single element
   * @return the tensor
   */
  public static Tensor zeros(long... sizes) {
    return zeros(DType.FLOAT32, Device.CPU, sizes);
  }

  /**
   * A tensor on the CPU, of zeros.
   *
   * @param dtype the type
   * @param sizes the shape; none for a single element
   * @return the tensor
   */
  public static Tensor zeros(DType dtype, long... sizes) {
    return zeros(dtype, Device.CPU, sizes);
  }

  /**
   * A tensor of zeros.
   *
   * @param dtype the type
   * @param device where
   * @param sizes the shape; none for a single element
   * @return the tensor
   */
  public static Tensor zeros(DType dtype, Device device, long... sizes) {
    return ZEROS.begin().ints(sizes).dtype(dtype).none().device(device).none().one();
  }

  /**
   * A float32 tensor on the CPU, of ones.
   *
   * @param sizes the shape; none for a single element
   * @return the tensor
   */
  public static Tensor ones(long... sizes) {
    return ones(DType.FLOAT32, Device.CPU, sizes);
  }

  /**
   * A tensor on the CPU, of ones.
   *
   * @param dtype the type
   * @param sizes the shape; none for a single element
   * @return the tensor
   */
  public static Tensor ones(DType dtype, long... sizes) {
    return ones(dtype, Device.CPU, sizes);
  }

  /**
   * A tensor of ones.
   *
   * @param dtype the type
   * @param device where
   * @param sizes the shape; none for a single element
   * @return the tensor
   */
  public static Tensor ones(DType dtype, Device device, long... sizes) {
    return ONES.begin().ints(sizes).dtype(dtype).none().device(device).none().one();
  }

  /**
   * A tensor in page-locked memory, from which a GPU can copy while the CPU goes on. Its {@link
   * Tensor#segment} is that memory.
   *
   * @param dtype the type
   * @param sizes the shape; none for a single element
   * @return a tensor on the CPU that is not initialised
   * @throws TensorException when LibTorch has no GPU support or there is no GPU
   */
  public static Tensor emptyPinned(DType dtype, long... sizes) {
    NativeLibrary.ensure();
    CallFrame frame = CallFrame.enter();
    try {
      return frame.adopt(frame.allocate(dtype, Device.CPU, true, sizes));
    } finally {
      frame.leave();
    }
  }

  /**
   * A float32 tensor on the CPU, every element a number.
   *
   * @param value the number
   * @param sizes the shape; none for a single element
   * @return the tensor
   */
  public static Tensor full(double value, long... sizes) {
    return full(value, DType.FLOAT32, Device.CPU, sizes);
  }

  /**
   * A tensor on the CPU, every element a number.
   *
   * @param value the number
   * @param dtype the type
   * @param sizes the shape; none for a single element
   * @return the tensor
   */
  public static Tensor full(double value, DType dtype, long... sizes) {
    return full(value, dtype, Device.CPU, sizes);
  }

  /**
   * A tensor, every element a number.
   *
   * @param value the number
   * @param dtype the type
   * @param device where
   * @param sizes the shape; none for a single element
   * @return the tensor
   */
  public static Tensor full(double value, DType dtype, Device device, long... sizes) {
    return FULL.begin().ints(sizes).real(value).dtype(dtype).none().device(device).none().one();
  }

  /**
   * One element, without dimensions.
   *
   * @param value the number
   * @param dtype the type
   * @return the tensor, on the CPU
   */
  public static Tensor scalar(double value, DType dtype) {
    return full(value, dtype, Device.CPU);
  }

  /**
   * A tensor of zeros, of the shape, type and device of another.
   *
   * @param other that one
   * @return the tensor
   */
  public static Tensor zerosLike(Tensor other) {
    return ZEROS_LIKE.begin().tensor(other).one();
  }

  /**
   * A tensor of ones, of the shape, type and device of another.
   *
   * @param other that one
   * @return the tensor
   */
  public static Tensor onesLike(Tensor other) {
    return ONES_LIKE.begin().tensor(other).one();
  }

  /**
   * A tensor with memory that is not initialised, of the shape, type and device of another.
   *
   * @param other that one
   * @return the tensor
   */
  public static Tensor emptyLike(Tensor other) {
    return EMPTY_LIKE.begin().tensor(other).one();
  }

  /**
   * 0, 1, ..., end − 1 as int64.
   *
   * @param end one past the last
   * @return int64 [end]
   */
  public static Tensor arange(long end) {
    return ARANGE.begin().integer(end).dtype(DType.INT64).none().device(Device.CPU).none().one();
  }

  /**
   * Numbers from start, by steps, that stay before end, as float32.
   *
   * @param start the first
   * @param end what none reaches
   * @param step the distance; may be negative
   * @return float32, one dimension
   */
  public static Tensor arange(double start, double end, double step) {
    return ARANGE_START_STEP
        .begin()
        .real(start)
        .real(end)
        .real(step)
        .dtype(DType.FLOAT32)
        .none()
        .device(Device.CPU)
        .none()
        .one();
  }

  /**
   * Numbers evenly spread from start to end, both included, as float32.
   *
   * @param start the first
   * @param end the last
   * @param steps how many
   * @return float32 [steps]
   */
  public static Tensor linspace(double start, double end, long steps) {
    return LINSPACE.begin().real(start).real(end).integer(steps).one();
  }

  /**
   * The identity matrix as float32.
   *
   * @param n its size
   * @return float32 [n, n]
   */
  public static Tensor eye(long n) {
    return EYE.begin().integer(n).one();
  }

  /**
   * Random numbers as float32, evenly spread over [0, 1), from LibTorch's global generator.
   *
   * @param sizes the shape; none for a single element
   * @return the tensor, on the CPU
   */
  public static Tensor rand(long... sizes) {
    return rand(null, DType.FLOAT32, sizes);
  }

  /**
   * Random numbers, evenly spread over [0, 1).
   *
   * @param generator where they come from; null for LibTorch's global one
   * @param dtype a floating-point type
   * @param sizes the shape; none for a single element
   * @return the tensor, on the CPU
   */
  public static Tensor rand(@Nullable Generator generator, DType dtype, long... sizes) {
    return RAND_GENERATOR
        .begin()
        .ints(sizes)
        .generator(generator)
        .dtype(dtype)
        .none()
        .device(Device.CPU)
        .none()
        .one();
  }

  /**
   * Random numbers as float32, of the normal distribution, mean 0 and deviation 1, from LibTorch's
   * global generator.
   *
   * @param sizes the shape; none for a single element
   * @return the tensor, on the CPU
   */
  public static Tensor randn(long... sizes) {
    return randn(null, DType.FLOAT32, sizes);
  }

  /**
   * Random numbers, of the normal distribution, mean 0 and deviation 1.
   *
   * @param generator where they come from; null for LibTorch's global one
   * @param dtype a floating-point type
   * @param sizes the shape; none for a single element
   * @return the tensor, on the CPU
   */
  public static Tensor randn(@Nullable Generator generator, DType dtype, long... sizes) {
    return RANDN_GENERATOR
        .begin()
        .ints(sizes)
        .generator(generator)
        .dtype(dtype)
        .none()
        .device(Device.CPU)
        .none()
        .one();
  }

  /**
   * Random integers from 0, below a bound, as int64.
   *
   * @param high the bound
   * @param generator where they come from; null for LibTorch's global one
   * @param sizes the shape; none for a single element
   * @return int64
   */
  public static Tensor randint(long high, @Nullable Generator generator, long... sizes) {
    return RANDINT_GENERATOR.begin().integer(high).ints(sizes).generator(generator).one();
  }

  /**
   * 0, 1, ..., n − 1 in random order, as int64.
   *
   * @param n how many
   * @param generator where the order comes from; null for LibTorch's global one
   * @return int64 [n]
   */
  public static Tensor randperm(long n, @Nullable Generator generator) {
    return RANDPERM_GENERATOR.begin().integer(n).generator(generator).one();
  }

  /**
   * Tensors one after the other along a dimension.
   *
   * @param tensors at least one; of the same shape but for that dimension
   * @param dim the dimension
   * @return a new tensor
   */
  public static Tensor cat(List<Tensor> tensors, long dim) {
    return CAT.begin().tensors(tensors).integer(dim).one();
  }

  /**
   * Tensors one after the other along the first dimension.
   *
   * @param tensors at least one; of the same shape but for that dimension
   * @return a new tensor
   */
  public static Tensor cat(Tensor... tensors) {
    return cat(List.of(tensors), 0);
  }

  /**
   * Tensors side by side along a new dimension.
   *
   * @param tensors at least one, all of the same shape
   * @param dim where the new dimension stands
   * @return a new tensor
   */
  public static Tensor stack(List<Tensor> tensors, long dim) {
    return STACK.begin().tensors(tensors).integer(dim).one();
  }

  /**
   * Elements of one tensor where a condition holds, of another elsewhere; all broadcast.
   *
   * @param condition bool
   * @param a taken where it holds
   * @param b taken elsewhere
   * @return a new tensor
   */
  public static Tensor where(Tensor condition, Tensor a, Tensor b) {
    return WHERE_SELF.begin().tensor(condition).tensor(a).tensor(b).one();
  }

  /**
   * Where a tensor is not 0, one list of places for each dimension.
   *
   * @param condition any type
   * @return int64 [count] for each dimension
   */
  public static List<Tensor> where(Tensor condition) {
    return WHERE.begin().tensor(condition).list();
  }

  /**
   * The p-norm distance of every row of one tensor from every row of another.
   *
   * @param x1 [..., n, d]
   * @param x2 [..., m, d]
   * @return [..., n, m], for p = 2
   */
  public static Tensor cdist(Tensor x1, Tensor x2) {
    return x1.cdist(x2, 2);
  }

  /**
   * Seeds LibTorch's global generators of all devices, as {@code torch.manual_seed}.
   *
   * @param seed where the numbers start
   */
  public static void manualSeed(long seed) {
    LibTorch.manualSeed(seed);
  }
}
