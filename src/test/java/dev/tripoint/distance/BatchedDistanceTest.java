package dev.tripoint.distance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorClosedException;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All pairs in blocks, against all pairs at once. */
class BatchedDistanceTest {

  @ParameterizedTest
  @ValueSource(ints = {1, 4, 5, 13, 32, 100})
  void theBlocksAreTheRowsOfTheMatrix(int batchSize) {
    for (Distance distance :
        List.of(new LpDistance(1, 1, false), new CosineSimilarity(), new SNRDistance())) {
      try (TensorScope _ = TensorScope.open();
          Generator generator = new Generator(3)) {
        Tensor query = Torch.randn(generator, DType.FLOAT64, 13, 4);
        Tensor ref = Torch.randn(generator, DType.FLOAT64, 7, 4);
        List<Long> ends = new ArrayList<>();
        List<Tensor> blocks = new ArrayList<>();
        var batched =
            new BatchedDistance(
                distance,
                (mat, start, end) -> {
                  assertThat(start).isEqualTo(ends.isEmpty() ? 0 : ends.getLast());
                  assertThat(mat.sizes()).containsExactly(end - start, 7);
                  ends.add(end);
                  blocks.add(mat.keep());
                },
                batchSize);
        batched.forward(query, ref);
        assertThat(ends).hasSize((13 + batchSize - 1) / batchSize).endsWith(13L);
        assertThat(Torch.cat(blocks, 0).toDoubleArray())
            .containsExactly(distance.matrix(query, ref).toDoubleArray(), within(1e-12));
      }
    }
  }

  @Test
  void aBatchAgainstItselfIsDifferentiable() {
    try (TensorScope _ = TensorScope.open();
        Generator generator = new Generator(4)) {
      Tensor x = Torch.randn(generator, DType.FLOAT64, 9, 3).requiresGrad(true);
      Tensor y = x.detach().copy().requiresGrad(true);
      new BatchedDistance(new DotProductSimilarity(), (mat, _, _) -> mat.square().sum().backward())
          .forward(x);
      new DotProductSimilarity().matrix(y, y).square().sum().backward();
      assertThat(x.grad().toDoubleArray()).containsExactly(y.grad().toDoubleArray(), within(1e-12));
    }
  }

  @Test
  void blocksAreFreedUnlessKept() {
    try (TensorScope _ = TensorScope.open()) {
      List<Tensor> seen = new ArrayList<>();
      new BatchedDistance(new LpDistance(), (mat, _, _) -> seen.add(mat), 2)
          .forward(Torch.randn(4, 3));
      assertThat(seen).hasSize(2);
      assertThatThrownBy(() -> seen.getFirst().numel()).isInstanceOf(TensorClosedException.class);
    }
  }

  @Test
  void noRowsNoBlocksAndBadSizesRefused() {
    try (TensorScope _ = TensorScope.open()) {
      List<Long> seen = new ArrayList<>();
      var batched = new BatchedDistance(new LpDistance(), (_, start, _) -> seen.add(start));
      assertThat(batched.batchSize()).isEqualTo(32);
      batched.forward(Torch.zeros(0, 3), Torch.zeros(2, 3));
      assertThat(seen).isEmpty();
      assertThatThrownBy(() -> batched.forward(Torch.zeros(2, 3), Torch.zeros(2, 4)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("3 and 4 columns");
      assertThatThrownBy(() -> new BatchedDistance(new LpDistance(), (_, _, _) -> {}, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("batchSize must be 1 or more, but is 0");
    }
  }
}
