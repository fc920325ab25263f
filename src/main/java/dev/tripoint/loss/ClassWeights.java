package dev.tripoint.loss;

import dev.tripoint.miner.Inputs;
import dev.tripoint.regularizer.Regularizer;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import org.jspecify.annotations.Nullable;

/**
 * The weights that a loss learns, and what they cost by themselves: {@code weight_regularizer} and
 * {@code weight_reg_weight} of pytorch-metric-learning's losses.
 *
 * @param tensor floats of two dimensions, in the source's shape; the caller keeps it open. Where
 *     embeddings are of another dtype, it is converted for the computation
 * @param regularizer is given a row for each class or center; null, the default, for none
 * @param regularizerWeight what the regularizer's cost is multiplied by; 1 by default
 */
public record ClassWeights(
    Tensor tensor, @Nullable Regularizer regularizer, double regularizerWeight) {

  /**
   * @throws IllegalArgumentException if the tensor is no matrix of floats or the weight not a
   *     number
   */
  public ClassWeights {
    Inputs.requireFloatMatrix("weights", tensor);
    Inputs.requireNumber("regularizerWeight", regularizerWeight);
  }

  public ClassWeights(Tensor tensor) {
    this(tensor, null, 1);
  }

  /** The same with this regularizer, or with none. */
  public ClassWeights with(@Nullable Regularizer regularizer, double regularizerWeight) {
    return new ClassWeights(tensor, regularizer, regularizerWeight);
  }

  /** The same with these weights. */
  public ClassWeights with(Tensor tensor) {
    return new ClassWeights(tensor, regularizer, regularizerWeight);
  }

  static void requireCenters(String name, long each, ClassWeights weights) {
    if (each < 1 || weights.tensor.size(1) % each != 0) {
      throw new IllegalArgumentException(
          "%s must be 1 or more and divide the weights' %d columns, but is %d"
              .formatted(name, weights.tensor.size(1), each));
    }
  }

  /** float32 of the standard normal distribution, as {@code torch.nn.init.normal_}. */
  static ClassWeights normal(long rows, long columns, @Nullable Generator generator) {
    return drawn(rows, columns, values -> values.normal_(0, 1, generator));
  }

  /** As {@code torch.nn.init.kaiming_normal_} with mode fan_out. */
  static ClassWeights kaimingNormal(long rows, long columns, @Nullable Generator generator) {
    double std = Math.sqrt(2) / Math.sqrt(rows);
    return drawn(rows, columns, values -> values.normal_(0, std, generator));
  }

  /** As {@code torch.nn.init.kaiming_uniform_} with a = √5. */
  static ClassWeights kaimingUniform(long rows, long columns, @Nullable Generator generator) {
    double bound = Math.sqrt(3) * (Math.sqrt(2.0 / (1 + 5)) / Math.sqrt(columns));
    return drawn(rows, columns, values -> values.uniform_(-bound, bound, generator));
  }

  private static ClassWeights drawn(long rows, long columns, Draw draw) {
    return new ClassWeights(learnt(rows, columns, draw));
  }

  /** New float32 weights that ask for a gradient. */
  static Tensor learnt(long rows, long columns, Draw draw) {
    if (rows < 1 || columns < 1) {
      throw new IllegalArgumentException(
          "classes and embedding size must be 1 or more, but make weights of shape [%d, %d]"
              .formatted(rows, columns));
    }
    Tensor values = Torch.empty(DType.FLOAT32, rows, columns);
    try (Autograd.Mode off = Autograd.noGrad()) {
      draw.fill(values);
    }
    return values.requiresGrad(true);
  }

  /** Fills weights with first values. */
  @FunctionalInterface
  interface Draw {
    void fill(Tensor values);
  }
}
