package dev.tripoint.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.distance.LpDistance;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.reducer.DoNothingReducer;
import dev.tripoint.regularizer.LpRegularizer;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Losses that learn weights: what is refused, where sources give NaN, other dtypes, lifetimes. */
class ClassifyingLossTest {

  /** Makes a loss of three classes and embeddings of size 2, drawn from a generator. */
  private record Maker(String name, Function<Generator, LearntLoss> make) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Maker> classifying() {
    return Stream.of(
        new Maker("ArcFace", g -> new ArcFaceLoss(3, 2, g)),
        new Maker("CosFace", g -> new CosFaceLoss(3, 2, g)),
        new Maker("SphereFace", g -> new SphereFaceLoss(3, 2, g)),
        new Maker("LargeMarginSoftmax", g -> new LargeMarginSoftmaxLoss(3, 2, g)),
        new Maker("SubCenterArcFace", g -> new SubCenterArcFaceLoss(3, 2, 4, g)),
        new Maker("NormalizedSoftmax", g -> new NormalizedSoftmaxLoss(3, 2, g)),
        new Maker("SoftTriple", g -> new SoftTripleLoss(3, 2, 4, g)),
        new Maker("ProxyAnchor", g -> new ProxyAnchorLoss(3, 2, g)),
        new Maker("ProxyNCA", g -> new ProxyNCALoss(3, 2, g)));
  }

  static Stream<Maker> all() {
    return Stream.concat(
        classifying(), Stream.of(new Maker("P2SGrad", g -> new P2SGradLoss(2, 3, g))));
  }

  private static LearntLoss made(Maker maker) {
    try (Generator generator = new Generator(11)) {
      return maker.make.apply(generator);
    }
  }

  private static Tensor points() {
    return Tensor.of(new double[] {1, 2, -1, 0.5, 3, -2, 0.25, 1}, 4, 2).requiresGrad(true);
  }

  private static Tensor labels(long... labels) {
    return Tensor.of(labels, labels.length);
  }

  @ParameterizedTest
  @MethodSource("all")
  void refusesWhatDoesNotFit(Maker maker) {
    try (TensorScope scope = TensorScope.open()) {
      LearntLoss loss = made(maker);
      assertThatThrownBy(() -> loss.forward(points(), labels(0, 1, 2, 3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("labels must be from 0 to 2, but there is a label 3");
      assertThatThrownBy(() -> loss.forward(points(), labels(0, 1, -1, 2)))
          .hasMessageContaining("there is a label -1");
      assertThatThrownBy(() -> loss.forward(Torch.randn(4, 3), labels(0, 1, 2, 0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("embeddings of size 2, but got embeddings of size 3");
      assertThatThrownBy(
              () -> loss.forward(points(), labels(0, 1, 2, 0), null, points(), labels(0, 1, 2, 0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("takes no references");
      Tensor mask = Torch.eye(4).gt(0);
      assertThatThrownBy(() -> loss.forward(points(), Relation.ofMask(mask)))
          .hasMessageContaining("needs labels");
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void theSameSeedDrawsTheSameWeights(Maker maker) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor first = made(maker).parameters().getFirst();
      assertThat(first.requiresGrad()).isTrue();
      assertThat(first.dtype()).isEqualTo(DType.FLOAT32);
      assertThat(made(maker).parameters().getFirst().toFloatArray())
          .isEqualTo(first.toFloatArray());
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void labelsOfAnyIntegerTypeAndHalfPrecision(Maker maker) {
    try (TensorScope scope = TensorScope.open()) {
      LearntLoss loss = made(maker);
      double expected = loss.forward(points(), labels(0, 2, 1, 0)).item();
      for (DType type : new DType[] {DType.UINT8, DType.INT16, DType.INT32}) {
        // P2SGrad's weights become shorter by one in ten million with each call, as the source's.
        assertThat(loss.forward(points(), labels(0, 2, 1, 0).to(type)).item())
            .isCloseTo(expected, within(1e-6));
      }
      for (DType type : new DType[] {DType.FLOAT16, DType.BFLOAT16}) {
        Tensor rows = points().detach().to(type).requiresGrad(true);
        Tensor value = loss.forward(rows, labels(0, 2, 1, 0));
        value.backward();
        assertThat(value.dtype()).isEqualTo(type);
        assertThat(value.item()).isCloseTo(expected, within(0.03 * Math.max(1, expected)));
        Tensor gradient = Objects.requireNonNull(rows.grad());
        assertThat(gradient.isfinite().all().itemBoolean()).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void aStepDownhillBringsTheLossDown(Maker maker) {
    try (TensorScope scope = TensorScope.open()) {
      LearntLoss loss = made(maker);
      Tensor rows = points().detach();
      Tensor labels = labels(0, 2, 1, 0);
      Tensor weights = loss.parameters().getFirst();
      Tensor before = loss.forward(rows, labels);
      before.backward();
      Tensor step = Objects.requireNonNull(weights.grad()).mul(1e-4);
      weights.requiresGrad(false);
      weights.sub_(step);
      assertThat(loss.forward(rows, labels).item()).isLessThan(before.item());
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void rowsOfZerosHaveFiniteGradients(Maker maker) {
    try (TensorScope scope = TensorScope.open()) {
      LearntLoss loss = made(maker);
      Tensor rows = Tensor.of(new double[] {0, 0, 1, 2}, 2, 2).requiresGrad(true);
      Tensor value = loss.forward(rows, labels(1, 0));
      value.backward();
      assertThat(value.isfinite().all().itemBoolean()).isTrue();
      assertThat(Objects.requireNonNull(rows.grad()).isfinite().all().itemBoolean()).isTrue();
      Tensor slopes = Objects.requireNonNull(loss.parameters().getFirst().grad());
      assertThat(slopes.isfinite().all().itemBoolean()).isTrue();
    }
  }

  /** The source's gradient is NaN: the angle of a cosine of 1 has an infinite slope. */
  @Test
  void rowsAlongTheirClassHaveFiniteGradients() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor weights = Tensor.of(new double[] {3, 0, 0, -2}, 2, 2).requiresGrad(true);
      Tensor rows = Tensor.of(new double[] {2, 0, -1, 0, 0, 5}, 3, 2).requiresGrad(true);
      Tensor loss =
          new ArcFaceLoss(new ClassWeights(weights))
              .withScale(1)
              .withMargin(90)
              .with(new DoNothingReducer())
              .forward(rows, labels(0, 0, 1));
      // cos(0 + 90°) and 0 for the first; the others are beyond 180°: −1 − π/2 · sin(90°) and 0.
      double beyond = Math.log1p(Math.exp(1 + Math.PI / 2));
      assertThat(loss.toDoubleArray())
          .usingComparatorWithPrecision(1e-12)
          .containsExactly(Math.log(2), beyond, beyond);
      loss.sum().backward();
      assertThat(Objects.requireNonNull(rows.grad()).isfinite().all().itemBoolean()).isTrue();
      assertThat(Objects.requireNonNull(weights.grad()).isfinite().all().itemBoolean()).isTrue();
    }
  }

  /** The source's mean of nothing is NaN. */
  @Test
  void rowsWithoutAShareOfTheirProxyCostNothing() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor proxies = Tensor.of(new double[] {0, 0, 100, 0}, 2, 2);
      Tensor rows = Tensor.of(new double[] {100, 1}, 1, 2).requiresGrad(true);
      Tensor loss =
          new ProxyNCALoss(new ClassWeights(proxies))
              .with(new LpDistance(2, 2, false))
              .forward(rows, labels(0));
      assertThat(loss.item()).isZero();
      loss.backward();
      assertThat(Objects.requireNonNull(rows.grad()).toDoubleArray()).containsExactly(0, 0);
    }
  }

  @Test
  void logitsAreWhatIsComparedWithoutMargin() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor weights = Tensor.of(new double[] {1, 0, 0, 1}, 2, 2);
      Tensor rows = Tensor.of(new double[] {3, 4}, 1, 2);
      assertThat(new CosFaceLoss(new ClassWeights(weights)).logits(rows).toDoubleArray())
          .usingComparatorWithPrecision(1e-12)
          .containsExactly(64 * 0.6, 64 * 0.8);
      assertThat(new SphereFaceLoss(new ClassWeights(weights)).logits(rows).toDoubleArray())
          .usingComparatorWithPrecision(1e-12)
          .containsExactly(3, 4);
      assertThatThrownBy(() -> new CosFaceLoss(new ClassWeights(weights)).logits(Torch.randn(2, 3)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void p2sGradTakesTwoCallsBeforeTheFirstGradient() {
    try (TensorScope scope = TensorScope.open()) {
      P2SGradLoss loss = new P2SGradLoss(2, 3);
      Tensor first = loss.forward(points(), labels(0, 1, 2, 0));
      Tensor second = loss.forward(points(), labels(0, 1, 2, 0));
      first.backward();
      second.backward();
      assertThat(second.item()).isCloseTo(first.item(), within(1e-6));
      assertThatThrownBy(() ->
              loss.forward(
                  points(), labels(0, 1, 2, 0), new Triplets(labels(0), labels(3), labels(1))))
          .hasMessageContaining("takes no tuples");
      assertThatThrownBy(
              () -> new P2SGradLoss(Torch.zeros(2, 3)).forward(points(), labels(0, 1, 2, 0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must have a length above");
    }
  }

  @Test
  void refusesWhatMakesNoLoss() {
    try (TensorScope scope = TensorScope.open()) {
      ClassWeights six = new ClassWeights(Torch.randn(2, 6));
      assertThatThrownBy(() -> new SubCenterArcFaceLoss(4, six))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("subCenters must be 1 or more and divide the weights' 6 columns, but is 4");
      assertThatThrownBy(() -> new SoftTripleLoss(0, six)).hasMessageContaining("centersPerClass");
      assertThatThrownBy(() -> new ArcFaceLoss(six).with(new LpDistance()))
          .hasMessageContaining("CosineSimilarity");
      assertThatThrownBy(() -> new SoftTripleLoss(2, six).with(new LpDistance()))
          .hasMessageContaining("similarity");
      assertThatThrownBy(() -> new LargeMarginSoftmaxLoss(six).withMargin(0))
          .hasMessageContaining("margin must be 1 or more");
      assertThatThrownBy(() -> new NormalizedSoftmaxLoss(six).withTemperature(0))
          .hasMessageContaining("temperature");
      assertThatThrownBy(() -> new ArcFaceLoss(0, 2)).hasMessageContaining("1 or more");
      assertThatThrownBy(() -> new ClassWeights(Torch.randn(4)))
          .hasMessageContaining("two dimensions");
      assertThatThrownBy(() -> new InstanceLoss().with(new LpDistance()))
          .hasMessageContaining("CosineSimilarity");
    }
  }

  @Test
  void withGivesANewOneAndWeightsOutliveTheScopeOfAStep() {
    try (TensorScope outer = TensorScope.open()) {
      CosFaceLoss old = new CosFaceLoss(3, 2);
      CosFaceLoss changed =
          old.withMargin(0.1).withScale(30).withWeightRegularizer(new LpRegularizer(), 0.5);
      assertThat(old.margin()).isEqualTo(0.35);
      assertThat(old.weights().regularizer()).isNull();
      assertThat(changed.parameters()).isEqualTo(old.parameters());
      try (TensorScope step = TensorScope.open()) {
        LossResult result = changed.compute(points(), labels(0, 1, 2, 0), null, null, null);
        result.loss().backward();
        assertThat(result.stats())
            .containsKeys("avg_angle", "loss.losses_size", "weight_reg_loss.losses_size");
      }
      assertThat(old.weights().tensor().grad()).isNotNull();
    }
  }
}
