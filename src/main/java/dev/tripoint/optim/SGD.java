package dev.tripoint.optim;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.Collection;
import java.util.List;

/**
 * {@code torch.optim.SGD}: with g the gradient plus {@code weightDecay} times the parameter, and b
 * the momentum's buffer, b ← g at first and then μ b + (1 − dampening) g; the step is −lr·b, with
 * Nesterov −lr·(g + μ b), without momentum −lr·g.
 */
public final class SGD extends Optimizer {
  /**
   * PyTorch's options and defaults.
   *
   * @param learningRate default 1e-3
   * @param momentum μ, default 0
   * @param dampening default 0
   * @param weightDecay default 0
   * @param nesterov default false; needs a momentum and no dampening
   */
  public record Options(
      double learningRate,
      double momentum,
      double dampening,
      double weightDecay,
      boolean nesterov) {
    /** Checks the ranges as PyTorch does. */
    public Options {
      requireNotNegative("the learning rate", learningRate);
      requireNotNegative("the momentum", momentum);
      requireNotNegative("the weight decay", weightDecay);
      if (nesterov && (momentum <= 0 || dampening != 0)) {
        throw new IllegalArgumentException("Nesterov momentum needs a momentum and zero dampening");
      }
    }

    /** Plain descent. */
    public static Options of(double learningRate) {
      return new Options(learningRate, 0, 0, 0, false);
    }

    /** The same with another momentum. */
    public Options withMomentum(double value) {
      return new Options(learningRate, value, dampening, weightDecay, nesterov);
    }

    /** The same with another dampening. */
    public Options withDampening(double value) {
      return new Options(learningRate, momentum, value, weightDecay, nesterov);
    }

    /** The same with another weight decay. */
    public Options withWeightDecay(double value) {
      return new Options(learningRate, momentum, dampening, value, nesterov);
    }

    /** The same with Nesterov's momentum or without. */
    public Options withNesterov(boolean on) {
      return new Options(learningRate, momentum, dampening, weightDecay, on);
    }
  }

  private final Options options;
  private final List<Tensor> buffers;
  private final boolean[] started;

  /** Plain descent. */
  public SGD(Collection<Tensor> parameters, double learningRate) {
    this(parameters, Options.of(learningRate));
  }

  /** With the given options. */
  public SGD(Collection<Tensor> parameters, Options options) {
    super(parameters, options.learningRate());
    this.options = options;
    this.buffers =
        options.momentum() == 0
            ? List.of()
            : parameterList().stream().map(p -> Torch.zerosLike(p)).toList();
    this.started = new boolean[parameterList().size()];
  }

  @Override
  void update(int index, Tensor parameter, Tensor gradient) {
    Tensor g =
        options.weightDecay() == 0 ? gradient : gradient.add(parameter, options.weightDecay());
    if (options.momentum() != 0) {
      Tensor buffer = buffers.get(index);
      if (started[index]) {
        buffer.mul_(options.momentum());
        buffer.add_(g, 1 - options.dampening());
      } else {
        buffer.copy_(g);
        started[index] = true;
      }
      g = options.nesterov() ? g.add(buffer, options.momentum()) : buffer;
    }
    parameter.add_(g, -learningRate());
  }

  @Override
  public void close() {
    closeAll(buffers);
  }
}
