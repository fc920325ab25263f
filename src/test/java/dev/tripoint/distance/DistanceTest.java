package dev.tripoint.distance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What one's own distance gets for free, half precision, and what is refused. */
class DistanceTest {

  @Test
  void aLambdaHasTheOtherMethods() {
    try (TensorScope scope = TensorScope.open()) {
      Distance manhattan = (query, ref) -> query.cdist(ref, 1);
      Tensor x = Tensor.of(new double[] {0, 0, 2, 1}, 2, 2);
      Tensor y = Tensor.of(new double[] {1, 1, 2, 0}, 2, 2);
      assertThat(manhattan.pairwise(x, y).toDoubleArray()).containsExactly(2, 1);
      Tensor far = Tensor.of(new double[] {1, 5}, 2);
      Tensor near = Tensor.of(new double[] {2, 4}, 2);
      assertThat(manhattan.margin(far, near).toDoubleArray()).containsExactly(-1, 1);
      assertThat(manhattan.smallestDist(far, near).toDoubleArray()).containsExactly(1, 4);
      assertThat(manhattan.largestDist(far, near).toDoubleArray()).containsExactly(2, 5);
      Distance likeness = Distance.similarity(manhattan);
      assertThat(likeness.isInverted()).isTrue();
      assertThat(likeness.margin(far, near).toDoubleArray()).containsExactly(1, -1);
      assertThat(likeness.smallestDist(far, near).toDoubleArray()).containsExactly(2, 5);
      assertThat(likeness.largestDist(far, near).toDoubleArray()).containsExactly(1, 4);
      assertThat(likeness.pairwise(x, y).toDoubleArray()).containsExactly(2, 1);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16"})
  void halfPrecisionIsComparedInFloat32(DType dtype) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Torch.randn(30, 5).to(dtype);
      Tensor half = new LpDistance(2, 1, false).matrix(x, x);
      assertThat(half.dtype()).isEqualTo(dtype);
      Tensor wide = x.to(DType.FLOAT32);
      double[] expected = wide.cdist(wide, 2).to(dtype).toDoubleArray();
      assertThat(half.toDoubleArray()).isEqualTo(expected);
    }
  }

  @Test
  void zeroDistanceHasZeroGradient() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Tensor.of(new double[] {1, 2, 1, 2}, 2, 2).requiresGrad(true);
      new LpDistance(2, 1, false).matrix(x, x).sum().backward();
      assertThat(x.grad().toDoubleArray()).containsOnly(0);
    }
  }

  @Test
  void aRowOfZerosStaysZeroWhenNormalised() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Tensor.of(new double[] {0, 0, 3, 4}, 2, 2);
      double[] cosines = new CosineSimilarity().matrix(x, x).toDoubleArray();
      assertThat(cosines).containsExactly(new double[] {0, 0, 0, 1}, within(1e-15));
    }
  }

  @Test
  void whatDoesNotFitIsNamed() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Torch.randn(4, 3);
      Distance distance = new LpDistance();
      assertThatThrownBy(() -> distance.matrix(x, Torch.randn(4, 2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("3 and 2 columns");
      assertThatThrownBy(() -> distance.matrix(x, Torch.arange(3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("ref", "int64", "[3]");
      assertThatThrownBy(() -> distance.matrix(x, x.to(DType.FLOAT64)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("float32 and float64");
      assertThatThrownBy(() -> distance.pairwise(x, Torch.randn(5, 3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("4 and 5");
    }
  }
}
