package dev.tripoint.nn;

import dev.tripoint.tensor.Tensor;

/** {@code torch.nn.ReLU}: max(x, 0), element by element. */
public final class ReLU extends Module {
  /** Without parameters. */
  public ReLU() {}

  @Override
  public Tensor forward(Tensor x) {
    return x.relu();
  }
}
