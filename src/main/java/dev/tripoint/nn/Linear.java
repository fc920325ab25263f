package dev.tripoint.nn;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import org.jspecify.annotations.Nullable;

/**
 * {@code torch.nn.Linear}: y = x Wᵀ + b, with x [*, in] and y [*, out]. Parameters: {@code weight}
 * [out, in] and, unless left out, {@code bias} [out], both uniform in ±1/√in at first (Kaiming
 * uniform with a = √5). The same generator state gives the same numbers as in Python.
 */
public final class Linear extends Module {
  private static final Op LINEAR = Op.of("aten::linear");

  private final Tensor weight;
  private final @Nullable Tensor bias;

  /** float32 with a bias, drawn from LibTorch's default generator. */
  public Linear(long in, long out) {
    this(in, out, true, null, DType.FLOAT32);
  }

  /**
   * A layer with every choice.
   *
   * @param in features of the input, from 1
   * @param out features of the output, from 1
   * @param withBias whether a bias is added
   * @param generator where the first values come from; null for LibTorch's default generator
   * @param dtype float32 or float64
   */
  public Linear(long in, long out, boolean withBias, @Nullable Generator generator, DType dtype) {
    if (in < 1 || out < 1) {
      throw new IllegalArgumentException(
          "Linear from %d to %d features, expected at least 1".formatted(in, out));
    }
    // As PyTorch computes it, so that the last bits agree: gain / √fan_in · √3 with gain = √(2 / (1
    // + a²)).
    double bound = Math.sqrt(3) * (Math.sqrt(2.0 / (1 + 5)) / Math.sqrt(in));
    weight = parameter("weight", uniform(bound, generator, dtype, out, in));
    bias = withBias ? parameter("bias", uniform(1 / Math.sqrt(in), generator, dtype, out)) : null;
  }

  @Override
  public Tensor forward(Tensor x) {
    return LINEAR.callTensor(x, weight, bias);
  }

  /** [out, in]. */
  public Tensor weight() {
    return weight;
  }

  /** [out], or null where it was left out. */
  public @Nullable Tensor bias() {
    return bias;
  }

  private static Tensor uniform(
      double bound, @Nullable Generator generator, DType dtype, long... sizes) {
    Tensor values = Torch.empty(dtype, sizes);
    values.uniform_(-bound, bound, generator);
    return values;
  }
}
