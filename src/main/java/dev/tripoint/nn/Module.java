package dev.tripoint.nn;

import dev.tripoint.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A part of a network: a function of one tensor with named parameters, as {@code torch.nn.Module}.
 *
 * <p>A module's parameters are tensors like any others: they belong to the {@code TensorScope} that
 * is open where the module is made (make it outside the scope of a training step), or to the
 * caller, who then closes the module. A module may be used by one thread at a time.
 */
public abstract class Module implements AutoCloseable {
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Module> children = new LinkedHashMap<>();
  private boolean training = true;

  /** For subclasses, which add their parameters and parts. */
  protected Module() {}

  /**
   * The module's value at {@code x}.
   *
   * @return a new tensor, of the innermost open scope
   */
  public abstract Tensor forward(Tensor x);

  /**
   * The parameters in the order of their making, named as PyTorch names them ({@code "0.weight"}).
   */
  public final Map<String, Tensor> parameters() {
    Map<String, Tensor> all = new LinkedHashMap<>(parameters);
    children.forEach(
        (name, child) -> child.parameters().forEach((inner, p) -> all.put(name + "." + inner, p)));
    return all;
  }

  /**
   * Switches between training (the default) and evaluation, for the parts that behave differently
   * in the two.
   */
  public final void train(boolean on) {
    training = on;
    children.values().forEach(child -> child.train(on));
  }

  /** Whether the module is switched to training. */
  public final boolean isTraining() {
    return training;
  }

  /** Forgets the parameters' gradients: they are null afterwards, as PyTorch's default has it. */
  public final void zeroGrad() {
    parameters().values().forEach(parameter -> parameter.grad(null));
  }

  /** Closes the parameters. Not needed where they belong to a scope. */
  @Override
  public final void close() {
    for (Tensor parameter : parameters().values()) {
      if (!parameter.isClosed()) {
        parameter.close();
      }
    }
  }

  /** Adds a parameter; from here on it asks for a gradient. */
  protected final Tensor parameter(String name, Tensor value) {
    value.requiresGrad(true);
    parameters.put(name, value);
    return value;
  }

  /** Adds a part. */
  protected final <M extends Module> M child(String name, M module) {
    children.put(name, module);
    return module;
  }
}
