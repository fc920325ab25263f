package dev.tripoint.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.reducer.SumReducer;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What the loss remembers, and how one goes on from it. Its numbers stand in the parity cases. */
class DynamicSoftMarginLossTest {

  private static double of(DynamicSoftMarginLoss loss, long seed, long... labels) {
    try (TensorScope scope = TensorScope.open();
        Generator generator = new Generator(seed)) {
      Tensor embeddings = Torch.randn(generator, DType.FLOAT64, labels.length, 3);
      Tensor classes = Tensor.of(labels, labels.length);
      Tensor value = loss.forward(embeddings.requiresGrad(true), classes);
      value.backward();
      return value.item();
    }
  }

  @Test
  void aKeptHistogramGoesOn() {
    DynamicSoftMarginLoss first = new DynamicSoftMarginLoss(-2, 10, 0.3);
    of(first, 1, 0, 0, 1, 1, 1);
    double[] kept = first.histogram().values();
    assertThat(Arrays.stream(kept).sum()).isCloseTo(1, within(1e-12));
    double next = of(first, 2, 0, 0, 1, 1, 1);

    DynamicSoftMarginLoss second = new DynamicSoftMarginLoss(-2, 10, 0.3);
    double fresh = of(second, 2, 0, 0, 1, 1, 1);
    second.histogram().set(kept);
    assertThat(of(second, 2, 0, 0, 1, 1, 1)).isEqualTo(next).isNotEqualTo(fresh);
    assertThat(second.histogram().values()).isEqualTo(first.histogram().values());
  }

  @Test
  void aBatchWithoutTripletsLeavesIt() {
    DynamicSoftMarginLoss loss = new DynamicSoftMarginLoss();
    assertThat(of(loss, 1, 4, 4, 4)).isZero();
    assertThat(loss.histogram().values()).containsOnly(0).hasSize(10);
  }

  @Test
  void copiesShareIt() {
    DynamicSoftMarginLoss loss = new DynamicSoftMarginLoss();
    of(loss.with(new SumReducer()), 1, 0, 0, 1);
    assertThat(Arrays.stream(loss.histogram().values()).sum()).isCloseTo(1, within(1e-12));
  }

  @Test
  void refusesWhatMakesNoHistogram() {
    assertThatThrownBy(() -> new DynamicSoftMarginLoss(0, 10, 0.1))
        .hasMessage("minVal must be finite and not 0, but is 0.0");
    assertThatThrownBy(() -> new DynamicSoftMarginLoss(-2, 1, 0.1))
        .hasMessage("numBins must be 2 or more, but is 1");
    assertThatThrownBy(() -> new MarginHistogram(3).set(1, 0))
        .hasMessage("there are 3 bins, not 2");
  }
}
