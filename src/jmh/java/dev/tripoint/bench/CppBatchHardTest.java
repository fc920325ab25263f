package dev.tripoint.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.compat.online.BatchHard;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import org.junit.jupiter.api.Test;

class CppBatchHardTest {
  @Test
  void findsTheLossOfTheJavaClassEachTime() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = Torch.randn(12, 5);
      Tensor labels = Tensor.of(new long[] {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5}, 12);
      float loss = (float) new BatchHard(0.5).forward(rows, labels).item();
      CppBatchHard cpp = new CppBatchHard(rows, labels, 0.5);
      assertThat(loss).isPositive();
      assertThat(cpp.loss()).isEqualTo(loss);
      assertThat(cpp.loss()).isEqualTo(loss);
    }
  }
}
