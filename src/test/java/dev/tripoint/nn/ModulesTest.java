package dev.tripoint.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.data.Safetensors;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against what torch.nn gave: scripts/parity/make-optim. */
class ModulesTest {
  private static final Path RECORDED = Path.of("src/test/resources/optim/recorded.safetensors");

  private TensorScope scope;

  @BeforeEach
  void open() {
    scope = TensorScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void theSameSeedGivesPyTorchsFirstValues() {
    try (Generator generator = new Generator(3)) {
      Linear linear = new Linear(5, 4, true, generator, DType.FLOAT32);
      Embedding embedding = new Embedding(6, 3, generator, DType.FLOAT32);
      assertThat(linear.weight().toFloatArray())
          .isEqualTo(recorded("linear.weight").toFloatArray());
      assertThat(linear.bias()).isNotNull();
      assertThat(linear.bias().toFloatArray()).isEqualTo(recorded("linear.bias").toFloatArray());
      assertThat(embedding.weight().toFloatArray())
          .isEqualTo(recorded("embedding.weight").toFloatArray());
      assertThat(linear.forward(recorded("x")).toFloatArray())
          .containsExactly(recorded("linear.out").toFloatArray(), within(1e-6f));
      assertThat(embedding.forward(Tensor.of(new long[] {5, 0}, 2)).sizes()).containsExactly(2, 3);
    }
  }

  @Test
  void normalizeIsPyTorchs() {
    assertThat(new Normalize().forward(recorded("x")).toFloatArray())
        .containsExactly(recorded("normalize.out").toFloatArray(), within(1e-6f));
    assertThat(new Normalize(1, 0).forward(recorded("x")).toFloatArray())
        .containsExactly(recorded("normalize1.out").toFloatArray(), within(1e-6f));
    assertThat(new Normalize().forward(Tensor.of(new float[3], 1, 3)).toFloatArray())
        .containsExactly(0, 0, 0);
  }

  @Test
  void theFirstValuesFillTheirRangeEvenly() {
    try (Generator generator = new Generator(11)) {
      double[] weights =
          new Linear(400, 300, false, generator, DType.FLOAT64).weight().toDoubleArray();
      double bound = 1 / Math.sqrt(400);
      assertThat(Arrays.stream(weights).max().orElseThrow()).isBetween(0.999 * bound, bound);
      assertThat(Arrays.stream(weights).min().orElseThrow()).isBetween(-bound, -0.999 * bound);
      assertThat(Arrays.stream(weights).average().orElseThrow()).isCloseTo(0, within(0.01 * bound));
      double variance = Arrays.stream(weights).map(w -> w * w).average().orElseThrow();
      assertThat(variance).isCloseTo(bound * bound / 3, within(0.01 * bound * bound));
    }
  }

  @Test
  void aSequentialNamesItsParametersByPlaceAndLearns() {
    Sequential network =
        new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 2), new Normalize());
    assertThat(network.parameters().keySet())
        .containsExactly("0.weight", "0.bias", "2.weight", "2.bias");
    Tensor out = network.forward(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
    assertThat(out.sizes()).containsExactly(2, 2);
    out.select(1, 0).sum().backward();
    assertThat(network.parameters().values()).allMatch(p -> p.grad() != null);
    network.zeroGrad();
    assertThat(network.parameters().values()).allMatch(p -> p.grad() == null);
    network.train(false);
    assertThat(network.isTraining()).isFalse();
  }

  @Test
  void withoutAScopeTheCallerClosesTheModule() {
    Linear[] made = new Linear[1];
    Thread thread = new Thread(() -> made[0] = new Linear(2, 2));
    thread.start();
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    assertThat(made[0].weight().isClosed()).isFalse();
    made[0].close();
    made[0].close();
    assertThat(made[0].weight().isClosed()).isTrue();
  }

  @Test
  void badSizesAndIndicesAreRefused() {
    assertThatThrownBy(() -> new Linear(0, 3)).isInstanceOf(IllegalArgumentException.class);
    Embedding embedding = new Embedding(3, 2);
    Tensor past = Tensor.of(new long[] {3}, 1);
    assertThatThrownBy(() -> embedding.forward(past)).hasMessageContaining("index out of range");
  }

  private static Tensor recorded(String name) {
    return Safetensors.read(RECORDED, name);
  }
}
