package dev.tripoint.compat.st;

import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/**
 * A loss that is a sum over rows, computed for some rows at a time. Each block is differentiated at
 * once, so that what it held is let go; what stays of all blocks is the sum and its gradient.
 */
final class Blocks {

  /** A loss of some rows. */
  @FunctionalInterface
  interface Part {
    /** What the rows from {@code begin} to {@code end} add to the loss. */
    Tensor of(List<Tensor> inputs, long begin, long end);
  }

  private Blocks() {}

  static void requireSize(long size) {
    if (size < 1) {
      throw new IllegalArgumentException("mini_batch_size must be 1 or more, but is " + size);
    }
  }

  /**
   * The sum of all parts. It has a first derivative by the inputs, and no second.
   *
   * @param inputs what the parts are made from
   * @param rows how many rows there are
   * @param size how many of them make a block
   */
  static Tensor sum(List<Tensor> inputs, long rows, long size, Part part) {
    boolean record = Autograd.isGradEnabled() && inputs.stream().anyMatch(Tensor::requiresGrad);
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> leaves = new ArrayList<>();
      inputs.forEach(input -> leaves.add(input.detach().requiresGrad(record)));
      Tensor sum = block(leaves, 0, Math.min(size, rows), part);
      for (long begin = size; begin < rows; begin += size) {
        sum = sum.add(block(leaves, begin, Math.min(begin + size, rows), part));
      }
      return scope.keep(record ? differentiable(sum, inputs, leaves) : sum);
    }
  }

  /** The value of a block, whose gradient is added to that of the leaves. */
  private static Tensor block(List<Tensor> leaves, long begin, long end, Part part) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor value = part.of(leaves, begin, end);
      if (value.requiresGrad()) {
        value.backward();
      }
      return scope.keep(value.detach());
    }
  }

  /** A value whose gradient is known: it has the bits of {@code value}. */
  private static Tensor differentiable(Tensor value, List<Tensor> inputs, List<Tensor> leaves) {
    Tensor result = value;
    for (int i = 0; i < inputs.size(); i++) {
      Tensor gradient = leaves.get(i).grad();
      if (gradient != null && inputs.get(i).requiresGrad()) {
        Tensor linear = inputs.get(i).mul(gradient).sum();
        result = result.add(linear.sub(linear.detach()));
      }
    }
    return result;
  }
}
