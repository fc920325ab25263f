package dev.tripoint.nn;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import org.jspecify.annotations.Nullable;

/**
 * {@code torch.nn.Embedding}: a table of rows, [rows, width]; {@link #forward} takes int32 or int64
 * indices [*] and gives their rows [*, width]. Parameter: {@code weight}, standard normal at first.
 * The same generator state gives the same numbers as in Python.
 */
public final class Embedding extends Module {
  private static final Op EMBEDDING = Op.of("aten::embedding");

  private final Tensor weight;

  /** float32, drawn from LibTorch's default generator. */
  public Embedding(long rows, long width) {
    this(rows, width, null, DType.FLOAT32);
  }

  /**
   * A table with every choice.
   *
   * @param generator where the first values come from; null for LibTorch's default generator
   * @param dtype float32 or float64
   */
  public Embedding(long rows, long width, @Nullable Generator generator, DType dtype) {
    Tensor values = Torch.empty(dtype, rows, width);
    values.normal_(0, 1, generator);
    weight = parameter("weight", values);
  }

  /** {@inheritDoc} An index below 0 or past the last row is LibTorch's IndexError. */
  @Override
  public Tensor forward(Tensor indices) {
    return EMBEDDING.callTensor(weight, indices, -1L, false, false);
  }

  /** [rows, width]. */
  public Tensor weight() {
    return weight;
  }
}
