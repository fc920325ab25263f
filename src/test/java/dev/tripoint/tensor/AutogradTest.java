package dev.tripoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Gradients against hand-derived values and finite differences. */
@Tag("versions")
class AutogradTest {
  private TensorScope scope;

  @BeforeEach
  void open() {
    scope = TensorScope.open();
  }

  @AfterEach
  void close() {
    scope.close();
    assertThat(Autograd.isGradEnabled()).isTrue();
  }

  private static Tensor leaf(double... values) {
    return Tensor.of(values).requiresGrad(true);
  }

  @Test
  void backwardAddsToLeaves() {
    Tensor x = leaf(1, 2, 3);
    assertThat(x.grad()).isNull();
    x.square().sum().backward();
    assertThat(x.grad().toDoubleArray()).containsExactly(2, 4, 6);
    x.square().sum().backward();
    assertThat(x.grad().toDoubleArray()).containsExactly(4, 8, 12);
    x.grad(null);
    assertThat(x.grad()).isNull();
    x.grad(Tensor.of(new double[] {1, 1, 1}));
    x.sum().backward();
    assertThat(x.grad().toDoubleArray()).containsExactly(2, 2, 2);
  }

  @Test
  void backwardTakesAGradientAndRefusesMoreThanOneElementWithout() {
    Tensor x = leaf(1, 2, 3);
    assertThatThrownBy(() -> x.square().backward()).isInstanceOf(TensorException.class);
    x.square().backward(Tensor.of(new double[] {1, 10, 100}), false, false);
    assertThat(x.grad().toDoubleArray()).containsExactly(2, 40, 600);
    assertThatThrownBy(() -> Torch.ones(1).backward())
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("grad");
  }

  @Test
  void theGraphIsFreedUnlessItIsRetained() {
    Tensor x = leaf(1, 2);
    Tensor loss = x.square().sum();
    loss.backward(null, true, false);
    loss.backward();
    assertThat(x.grad().toDoubleArray()).containsExactly(4, 8);
    assertThatThrownBy(loss::backward)
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("second time");
  }

  @Test
  void gradLeavesLeavesAlone() {
    Tensor x = leaf(1, 2, 3);
    Tensor y = leaf(4, 5, 6);
    List<Tensor> gradients = Autograd.grad(List.of(x.mul(y).sum()), List.of(x, y));
    assertThat(gradients.get(0).toDoubleArray()).containsExactly(4, 5, 6);
    assertThat(gradients.get(1).toDoubleArray()).containsExactly(1, 2, 3);
    assertThat(x.grad()).isNull();
    assertThat(Autograd.grad(x.pow(3L).sum(), x).toDoubleArray()).containsExactly(3, 12, 27);
  }

  @Test
  void gradOfSeveralOutputsWithGradients() {
    Tensor x = leaf(1, 2);
    List<Tensor> gradients =
        Autograd.grad(
            List.of(x.square(), x.mul(3).sum()),
            List.of(x),
            Arrays.asList(Tensor.of(new double[] {1, 10}), null),
            false,
            false,
            false);
    assertThat(gradients.getFirst().toDoubleArray()).containsExactly(5, 43);
    assertThatThrownBy(
            () -> Autograd.grad(List.of(x.sum()), List.of(x), List.of(x, x), false, false, false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anInputWithoutAPartIsAnErrorUnlessAllowed() {
    Tensor x = leaf(1);
    Tensor unused = leaf(1);
    assertThatThrownBy(() -> Autograd.grad(x.square().sum(), unused))
        .isInstanceOf(TensorException.class);
    List<Tensor> gradients =
        Autograd.grad(List.of(x.square().sum()), List.of(x, unused), null, false, false, true);
    assertThat(gradients.get(0).toDoubleArray()).containsExactly(2);
    assertThat(gradients.get(1)).isNull();
  }

  @Test
  void secondDerivatives() {
    Tensor x = leaf(1, 2, 3);
    Tensor first =
        Autograd.grad(List.of(x.pow(4L).sum()), List.of(x), null, false, true, false).getFirst();
    assertThat(first.requiresGrad()).isTrue();
    Tensor second = Autograd.grad(first.sum(), x);
    assertThat(second.toDoubleArray()).containsExactly(12, 48, 108);

    Tensor y = leaf(2);
    y.pow(3L).sum().backward(null, false, true);
    Tensor again = Autograd.grad(y.grad().sum(), y);
    y.grad(null); // else the gradient and its graph hold each other
    assertThat(again.toDoubleArray()).containsExactly(12);
  }

  @Test
  void modesDecideWhatIsRecorded() {
    Tensor x = leaf(1, 2);
    assertThat(x.mul(2).requiresGrad()).isTrue();
    try (Autograd.Mode outer = Autograd.noGrad()) {
      assertThat(outer).isNotNull();
      assertThat(Autograd.isGradEnabled()).isFalse();
      assertThat(x.mul(2).requiresGrad()).isFalse();
      try (Autograd.Mode inner = Autograd.enableGrad()) {
        assertThat(inner).isNotNull();
        assertThat(x.mul(2).requiresGrad()).isTrue();
        assertThat(Op.of("aten::mul.Scalar").callTensor(x, 2).requiresGrad()).isTrue();
      }
      assertThat(Op.of("aten::mul.Scalar").callTensor(x, 2).requiresGrad()).isFalse();
      x.add_(1); // a leaf may be changed here
    }
    assertThat(x.toDoubleArray()).containsExactly(2, 3);
    assertThat(x.mul(2).requiresGrad()).isTrue();
    assertThatThrownBy(() -> x.add_(1))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("leaf");
  }

  @Test
  void whatInferenceModeMakesNeverTakesPart() {
    Tensor x = leaf(1, 2);
    Tensor made;
    try (Autograd.Mode mode = Autograd.inferenceMode()) {
      assertThat(mode).isNotNull();
      assertThat(Autograd.isGradEnabled()).isFalse();
      made = x.mul(2);
      try (Autograd.Mode inner = Autograd.enableGrad()) {
        assertThat(inner).isNotNull();
        assertThat(x.mul(2).requiresGrad()).isFalse();
      }
    }
    assertThat(made.requiresGrad()).isFalse();
    assertThat(Op.of("aten::is_inference").call(made)).containsExactly(true);
    assertThatThrownBy(() -> x.mul(made).sum().backward())
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("nference");
    assertThat(x.mul(2).requiresGrad()).isTrue();
  }

  @Test
  void onlyFloatingLeavesCanRequireGrad() {
    assertThatThrownBy(() -> Torch.arange(3).requiresGrad(true))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("floating point");
    Tensor x = leaf(1);
    assertThatThrownBy(() -> x.mul(2).requiresGrad(false)).isInstanceOf(TensorException.class);
    assertThat(x.requiresGrad(false)).isSameAs(x);
    assertThat(x.requiresGrad()).isFalse();
    assertThat(leaf(1).mul(2).detach().requiresGrad()).isFalse();
  }

  @Test
  void copiesOutAreDetached() {
    Tensor x = leaf(1, 2);
    assertThat(x.mul(2).toDoubleArray()).containsExactly(2, 4);
    assertThat(x.mul(2).toFloatArray()).containsExactly(2, 4);
    assertThat(x.sum().item()).isEqualTo(3);
  }

  /** Gradients of named operators against central differences in double. */
  @TestFactory
  List<DynamicTest> gradientsOfNamedOperators() {
    long seed = 20261124;
    Map<String, UnaryOperator<Tensor>> functions = new TreeMap<>();
    functions.put("abs", x -> x.abs());
    functions.put("atan", x -> x.atan());
    functions.put("clamp", x -> x.clamp(-0.5, 0.7));
    functions.put("cos", x -> x.cos());
    functions.put("cumsum", x -> x.cumsum(1));
    functions.put("div", x -> x.div(x.square().add(1)));
    functions.put("exp", x -> x.exp());
    functions.put("expm1", x -> x.expm1());
    functions.put("gather", x -> x.gather(1, Tensor.of(new long[] {0, 2, 1, 1}, 2, 2)));
    functions.put("index", x -> x.index(Tensor.of(new long[] {1, 0, 1})));
    functions.put("indexSelect", x -> x.indexSelect(1, Tensor.of(new long[] {2, 0})));
    functions.put("log", x -> x.square().add(1).log());
    functions.put("log1p", x -> x.square().log1p());
    functions.put("logSoftmax", x -> x.logSoftmax(1));
    functions.put("logsumexp", x -> x.logsumexp(1, false));
    functions.put("maskedFill", x -> x.maskedFill(x.gt(0), 0));
    functions.put("matmul", x -> x.matmul(x.t()));
    functions.put("max", x -> x.max(1, true).values());
    functions.put("mean", x -> x.mean(0));
    functions.put("mm", x -> x.t().mm(x));
    functions.put("norm", x -> x.norm(2, 1, false));
    functions.put("pow", x -> x.square().add(1).pow(1.5));
    functions.put("prod", x -> x.prod());
    functions.put("reciprocal", x -> x.square().add(1).reciprocal());
    functions.put("relu", x -> x.relu());
    functions.put("rsub", x -> x.rsub(3));
    functions.put("rsqrt", x -> x.square().add(1).rsqrt());
    functions.put("sigmoid", x -> x.sigmoid());
    functions.put("sin", x -> x.sin());
    functions.put("softmax", x -> x.softmax(0));
    functions.put("softplus", x -> x.softplus());
    functions.put("sort", x -> x.sort(1, true).values());
    functions.put("sqrt", x -> x.square().add(1).sqrt());
    functions.put("std", x -> x.std());
    functions.put("tanh", x -> x.tanh());
    functions.put("topk", x -> x.topk(2, 1, true, true).values());
    functions.put("triu", x -> x.triu(0));
    functions.put("var", x -> x.var(1, false, false));
    functions.put("where", x -> Torch.where(x.gt(0), x, x.mul(3)));
    functions.put("cdist", x -> x.cdist(Tensor.of(new double[] {3, 1, 4}, 1, 3), 2));
    return functions.entrySet().stream()
        .map(entry ->
            DynamicTest.dynamicTest(
                entry.getKey() + " seed " + seed, () -> checkGradient(entry.getValue(), seed)))
        .toList();
  }

  private static void checkGradient(UnaryOperator<Tensor> function, long seed) {
    Random random = new Random(seed);
    double[] point = random.doubles(6, -1, 1).toArray();
    double[] weights = random.doubles(64, -1, 1).toArray();
    try (TensorScope inner = TensorScope.open()) {
      assertThat(inner).isNotNull();
      Tensor x = Tensor.of(point, 2, 3).requiresGrad(true);
      double[] gradient = Autograd.grad(weighted(function, x, weights), x).toDoubleArray();
      double h = 1e-6;
      for (int i = 0; i < point.length; i++) {
        double[] up = point.clone();
        double[] down = point.clone();
        up[i] += h;
        down[i] -= h;
        double slope =
            (weighted(function, Tensor.of(up, 2, 3), weights).item()
                    - weighted(function, Tensor.of(down, 2, 3), weights).item())
                / (2 * h);
        assertThat(gradient[i]).as("element %d, seed %d", i, seed).isCloseTo(slope, within(1e-6));
      }
    }
  }

  private static Tensor weighted(UnaryOperator<Tensor> function, Tensor x, double[] weights) {
    Tensor y = function.apply(x).flatten();
    return y.mul(Tensor.of(Arrays.copyOf(weights, (int) y.numel()))).sum();
  }
}
