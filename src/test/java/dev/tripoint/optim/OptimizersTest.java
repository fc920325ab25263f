package dev.tripoint.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.data.Safetensors;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Against what torch.optim did: scripts/parity/make-optim. */
class OptimizersTest {
  private static final Path RECORDED = Path.of("src/test/resources/optim/recorded.safetensors");

  @Test
  void sgdWalksAsPyTorchsDoes() {
    SGD.Options options = SGD.Options.of(0.1);
    walks("sgd", p -> new SGD(p, 0.1));
    walks("sgd.default", p -> new SGD(p, 1e-3));
    walks("sgd.decay", p -> new SGD(p, options.withWeightDecay(0.05)));
    walks("sgd.momentum", p -> new SGD(p, options.withMomentum(0.9)));
    walks(
        "sgd.dampening",
        p -> new SGD(p, options.withMomentum(0.9).withDampening(0.3).withWeightDecay(0.05)));
    walks(
        "sgd.nesterov",
        p -> new SGD(p, options.withMomentum(0.9).withNesterov(true).withWeightDecay(0.05)));
  }

  @Test
  void adamWalksAsPyTorchsDoes() {
    walks("adam.default", p -> new Adam(p, Adam.Options.DEFAULT));
    walks(
        "adam.all",
        p ->
            new Adam(
                p,
                Adam.Options.DEFAULT
                    .withLearningRate(0.05)
                    .withBetas(0.8, 0.95)
                    .withEps(1e-6)
                    .withWeightDecay(0.1)));
  }

  @Test
  void optionsOutOfRangeAreRefused() {
    assertThatThrownBy(() -> SGD.Options.of(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SGD.Options.of(Double.NaN))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SGD.Options.of(0.1).withNesterov(true))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Adam.Options.DEFAULT.withBetas(1, 0.9))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SGD(List.of(), 0.1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void stateOutlivesTheScopeOfAStepAndZeroGradForgetsGradients() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor parameter = Tensor.of(new double[] {1, 2}, 2).requiresGrad(true);
      Adam adam = new Adam(List.of(parameter), 0.1);
      for (int step = 0; step < 3; step++) {
        try (TensorScope _ = TensorScope.open()) {
          adam.zeroGrad();
          parameter.mul(parameter).sum().backward();
          adam.step();
        }
      }
      assertThat(parameter.requiresGrad()).isTrue();
      assertThat(parameter.toDoubleArray()[0]).isBetween(0.69, 0.71);
      adam.zeroGrad();
      assertThat(parameter.grad()).isNull();
    }
  }

  private static void walks(String name, Function<List<Tensor>, Optimizer> make) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor parameter = Safetensors.read(RECORDED, "start").copy().requiresGrad(true);
      Tensor gradients = Safetensors.read(RECORDED, "gradients");
      Tensor expected = Safetensors.read(RECORDED, name);
      Optimizer optimizer = make.apply(List.of(parameter));
      for (int step = 0; step < gradients.size(0); step++) {
        parameter.grad(step % 5 == 4 ? null : gradients.select(0, step).copy());
        optimizer.step();
        assertThat(parameter.toDoubleArray())
            .as("%s, step %d", name, step)
            .containsExactly(expected.select(0, step).toDoubleArray(), within(1e-12));
      }
    }
  }
}
