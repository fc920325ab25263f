package dev.tripoint.optim;

import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Collection;
import java.util.List;

/**
 * Changes parameters by their gradients, in place, as {@code torch.optim.Optimizer}.
 *
 * <p>Its state (momentum and the like) is made with it and belongs to the scope open there, or to
 * the caller, who then closes the optimiser. Parameters without a gradient are left as they are.
 * For one thread at a time.
 */
public abstract class Optimizer implements AutoCloseable {
  private final List<Tensor> parameters;
  private double learningRate;

  /**
   * For subclasses.
   *
   * @throws IllegalArgumentException if there are no parameters, or the learning rate is negative
   *     or no number
   */
  protected Optimizer(Collection<Tensor> parameters, double learningRate) {
    if (parameters.isEmpty()) {
      throw new IllegalArgumentException("an optimiser without parameters");
    }
    this.parameters = List.copyOf(parameters);
    learningRate(learningRate);
  }

  /** One step: each parameter that has a gradient is changed in place, outside autograd. */
  public final void step() {
    try (TensorScope _ = TensorScope.open();
        Autograd.Mode _ = Autograd.noGrad()) {
      for (int i = 0; i < parameters.size(); i++) {
        Tensor gradient = parameters.get(i).grad();
        if (gradient != null) {
          update(i, parameters.get(i), gradient);
        }
      }
    }
  }

  /** Forgets the gradients: null afterwards, as PyTorch's default has it. */
  public final void zeroGrad() {
    parameters.forEach(parameter -> parameter.grad(null));
  }

  /** The learning rate of the next step. */
  public final double learningRate() {
    return learningRate;
  }

  /** Sets the learning rate of the next steps. */
  public final void learningRate(double value) {
    learningRate = requireNotNegative("the learning rate", value);
  }

  /** Closes the state. Not needed where it belongs to a scope. */
  @Override
  public abstract void close();

  /**
   * Changes parameter number {@code index} in place; called without grad mode, in a scope of the
   * step's own.
   */
  abstract void update(int index, Tensor parameter, Tensor gradient);

  final List<Tensor> parameterList() {
    return parameters;
  }

  static void closeAll(List<Tensor> state) {
    for (Tensor tensor : state) {
      if (!tensor.isClosed()) {
        tensor.close();
      }
    }
  }

  static double requireNotNegative(String name, double value) {
    if (!(value >= 0)) {
      throw new IllegalArgumentException(name + " is " + value + ", expected a number from 0");
    }
    return value;
  }
}
