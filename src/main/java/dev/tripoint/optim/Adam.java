package dev.tripoint.optim;

import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.Collection;
import java.util.List;

/**
 * {@code torch.optim.Adam}: m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g², with g the gradient plus
 * {@code weightDecay} times the parameter; at step t of a parameter the change is −lr / (1 − β₁ᵗ) ·
 * m / (√v / √(1 − β₂ᵗ) + eps).
 */
public final class Adam extends Optimizer {
  private static final Op LERP = Op.of("aten::lerp_.Scalar");

  /**
   * PyTorch's options and defaults.
   *
   * @param learningRate default 1e-3
   * @param beta1 default 0.9, in [0, 1)
   * @param beta2 default 0.999, in [0, 1)
   * @param eps default 1e-8
   * @param weightDecay added to the gradient, default 0
   */
  public record Options(
      double learningRate, double beta1, double beta2, double eps, double weightDecay) {
    /** PyTorch's defaults. */
    public static final Options DEFAULT = new Options(1e-3, 0.9, 0.999, 1e-8, 0);

    /** Checks the ranges as PyTorch does. */
    public Options {
      requireNotNegative("the learning rate", learningRate);
      requireNotNegative("eps", eps);
      requireNotNegative("the weight decay", weightDecay);
      if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1)) {
        throw new IllegalArgumentException(
            "betas are %s and %s, expected in [0, 1)".formatted(beta1, beta2));
      }
    }

    /** The same with another learning rate. */
    public Options withLearningRate(double value) {
      return new Options(value, beta1, beta2, eps, weightDecay);
    }

    /** The same with other betas. */
    public Options withBetas(double first, double second) {
      return new Options(learningRate, first, second, eps, weightDecay);
    }

    /** The same with another eps. */
    public Options withEps(double value) {
      return new Options(learningRate, beta1, beta2, value, weightDecay);
    }

    /** The same with another weight decay. */
    public Options withWeightDecay(double value) {
      return new Options(learningRate, beta1, beta2, eps, value);
    }
  }

  private final Options options;
  private final List<Tensor> means;
  private final List<Tensor> squares;
  private final long[] steps;

  /** PyTorch's defaults but for the learning rate. */
  public Adam(Collection<Tensor> parameters, double learningRate) {
    this(parameters, Options.DEFAULT.withLearningRate(learningRate));
  }

  /** With the given options. */
  public Adam(Collection<Tensor> parameters, Options options) {
    super(parameters, options.learningRate());
    this.options = options;
    this.means = parameterList().stream().map(p -> Torch.zerosLike(p)).toList();
    this.squares = parameterList().stream().map(p -> Torch.zerosLike(p)).toList();
    this.steps = new long[parameterList().size()];
  }

  @Override
  void update(int index, Tensor parameter, Tensor gradient) {
    long step = ++steps[index];
    Tensor g =
        options.weightDecay() == 0 ? gradient : gradient.add(parameter, options.weightDecay());
    Tensor mean = means.get(index);
    Tensor square = squares.get(index);
    LERP.call(mean, g, 1 - options.beta1());
    square.mul_(options.beta2());
    square.addcmul_(g, g, 1 - options.beta2());
    double correction1 = 1 - Math.pow(options.beta1(), step);
    double correction2 = 1 - Math.pow(options.beta2(), step);
    Tensor denominator = square.sqrt().div(Math.sqrt(correction2)).add(options.eps());
    parameter.addcdiv_(mean, denominator, -learningRate() / correction1);
  }

  @Override
  public void close() {
    closeAll(means);
    closeAll(squares);
  }
}
