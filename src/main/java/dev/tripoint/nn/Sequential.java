package dev.tripoint.nn;

import dev.tripoint.tensor.Tensor;

/**
 * {@code torch.nn.Sequential}: one module after the other; their parameters are named by place,
 * {@code "0.weight"}.
 */
public final class Sequential extends Module {
  private final Module[] modules;

  /** The modules in their order; none gives x back, as a second handle. */
  public Sequential(Module... modules) {
    this.modules = modules.clone();
    for (int i = 0; i < modules.length; i++) {
      child(Integer.toString(i), modules[i]);
    }
  }

  @Override
  public Tensor forward(Tensor x) {
    Tensor value = modules.length == 0 ? x.retain() : x;
    for (Module module : modules) {
      value = module.forward(value);
    }
    return value;
  }
}
