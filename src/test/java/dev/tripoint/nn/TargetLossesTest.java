package dev.tripoint.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import org.junit.jupiter.api.Test;

/** What the losses with a target for each pair take and refuse; their values are parity cases. */
class TargetLossesTest {

  @Test
  void vectorsAndSingleTargets() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Tensor.of(new float[] {3, 4});
      Tensor one = Tensor.of(new long[] {1}).squeeze(0);
      assertThat(new CosineEmbeddingLoss().forward(x, x.neg(), one).item()).isEqualTo(2);
      assertThat(new CosineEmbeddingLoss(0.25).forward(x, x, one.neg()).item()).isEqualTo(0.75);
      Tensor target = Tensor.of(new long[] {1, -1});
      Tensor each =
          new MarginRankingLoss(1.5)
              .with(Reduction.NONE)
              .forward(x, Tensor.of(new float[] {5, 5}), target);
      assertThat(each.toDoubleArray()).containsExactly(3.5, 0.5);
    }
  }

  @Test
  void refusesShapesThatDoNotFit() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Torch.zeros(3, 2);
      Tensor target = Torch.ones(3);
      assertThatThrownBy(() -> new CosineEmbeddingLoss().forward(x, Torch.zeros(3, 1), target))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "x1 and x2 must be floats of one shape, but are float32 of shape [3, 2] and float32 of shape [3, 1]");
      assertThatThrownBy(() -> new CosineEmbeddingLoss().forward(x, x, Torch.ones(2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageEndingWith("but they have [3, 2] and [2]");
      assertThatThrownBy(() -> new CosineEmbeddingLoss().forward(x, x, Torch.ones(3, 1)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> new MarginRankingLoss().forward(x, x, target))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "target must have the shape of x1, or 1 in place of a length, but they have [3, 2] and [3]");
      assertThatThrownBy(() -> new MarginRankingLoss().forward(x, x, Torch.ones(2, 2)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> new MarginRankingLoss(Double.NaN))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("margin must be a number, but is NaN");
    }
  }
}
