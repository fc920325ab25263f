package dev.tripoint.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the losses over whole batches refuse, and that half precision leaves them finite. */
class ListLossesTest {

  static Stream<Arguments> settings() {
    return Stream.of(
        refused(() -> new AngularLoss(Double.NaN), "alpha must be a finite number, but is NaN"),
        refused(() -> new FastAPLoss(0), "numBins must be 1 or more, but is 0"),
        refused(
            () -> new FastAPLoss().with(new CosineSimilarity()),
            "FastAPLoss needs an LpDistance with p 2 and normalised embeddings"),
        refused(
            () -> new FastAPLoss().with(new LpDistance().withNormalizeEmbeddings(false)),
            "FastAPLoss needs an LpDistance with p 2 and normalised embeddings"),
        refused(() -> new HistogramLoss(0), "delta must be above 0 and at most 2, but is 0.0"),
        refused(() -> new HistogramLoss().withBins(0), "bins must be 1 or more, but is 0"),
        refused(() -> new PNPLoss().with(new LpDistance()), "PNPLoss needs a CosineSimilarity"),
        refused(() -> new PNPLoss().withAnneal(0), "anneal must be greater than 0, but is 0.0"),
        refused(() -> new SmoothAPLoss(-1), "temperature must be greater than 0, but is -1.0"),
        refused(
            () -> new RankedListLoss(1, 1).withImbalance(1.5),
            "imbalance must be from 0 to 1, but is 1.5"),
        refused(() -> new VICRegLoss(1, 1, 1, -1), "eps must be 0 or more, but is -1.0"),
        refused(
            () -> new ManifoldLoss(Torch.eye(3)).withAlpha(1),
            "alpha must be from 0 to 1, and not 1, but is 1.0"),
        refused(
            () -> new ManifoldLoss(Torch.eye(3)).withLambdaC(-1),
            "lambdaC must be 0 or more, but is -1.0"));
  }

  private static Arguments refused(Supplier<Loss> made, String message) {
    return Arguments.of(made, message);
  }

  @ParameterizedTest
  @MethodSource("settings")
  void refusesSettings(Supplier<Loss> made, String message) {
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(made::get)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
    }
  }

  static Stream<Arguments> batches() {
    return Stream.of(
        Arguments.of(new NPairsLoss(), "references", "NPairsLoss takes no references"),
        Arguments.of(new PNPLoss(), "tuples", "PNPLoss takes no tuples"),
        Arguments.of(new AngularLoss(), "tuples alone", "AngularLoss needs labels"),
        Arguments.of(
            new AngularLoss(),
            "tuples to unlabelled references",
            "AngularLoss needs the labels of the references, too"),
        Arguments.of(
            new NPairsLoss(), "mask", "NPairsLoss needs labels: a mask does not say which classes"),
        Arguments.of(
            new HistogramLoss().with(new LpDistance().withNormalizeEmbeddings(false)),
            "labels",
            "HistogramLoss needs a distance that gives similarities from -1 to 1"),
        Arguments.of(
            new VICRegLoss(),
            "references",
            "VICRegLoss needs a reference for each embedding, but has 2 for 4"));
  }

  @ParameterizedTest
  @MethodSource("batches")
  void refusesBatches(Loss loss, String what, String message) {
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(() -> compute(loss, what))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
    }
  }

  private static LossResult compute(Loss loss, String what) {
    Tensor rows = Tensor.of(new float[] {1, 2, 3, -1, 5, 0, -2, 1}, 4, 2);
    Tensor labels = Tensor.of(new long[] {0, 0, 1, 1}, 4);
    Tensor ref = rows.narrow(0, 0, 2);
    Tensor refLabels = labels.narrow(0, 0, 2);
    Triplets tuples =
        new Triplets(
            Tensor.of(new long[] {0}, 1),
            Tensor.of(new long[] {1}, 1),
            Tensor.of(new long[] {2}, 1));
    return switch (what) {
      case "references" -> loss.compute(rows, labels, null, ref, refLabels);
      case "tuples" -> loss.compute(rows, labels, tuples, null, null);
      case "tuples alone" -> loss.compute(rows, (Tensor) null, tuples, null, null);
      case "tuples to unlabelled references" ->
          loss.compute(rows, labels, tuples, rows.mul(2), null);
      case "mask" ->
          loss.compute(
              rows, Relation.ofMask(labels.unsqueeze(1).eq(labels.unsqueeze(0))), null, null);
      default -> loss.compute(rows, labels, null, null, null);
    };
  }

  @ParameterizedTest
  @MethodSource("manifolds")
  void aManifoldNeedsWhatItsProxiesSay(Tensor proxies, long[] labels, String message) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor given = labels.length == 0 ? null : Tensor.of(labels, labels.length);
      assertThatThrownBy(
              () -> new ManifoldLoss(proxies).compute(Torch.eye(3), given, null, null, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(message);
    }
  }

  static Stream<Arguments> manifolds() {
    return Stream.of(
        Arguments.of(
            Torch.eye(3),
            new long[] {0, 1, 3},
            "labels must be numbers of the 3 proxies, from 0 to 2"),
        Arguments.of(
            Torch.eye(2),
            new long[] {0, 1, 1},
            "embeddings must have as many columns as proxies, but have 3 against 2"),
        Arguments.of(
            Torch.ones(4, 3),
            new long[0],
            "without labels, ManifoldLoss needs an embedding for each proxy, but has 3 for 4"));
  }

  static Stream<Arguments> halves() {
    List<Supplier<Loss>> all =
        List.of(
            AngularLoss::new,
            NPairsLoss::new,
            FastAPLoss::new,
            HistogramLoss::new,
            PNPLoss::new,
            () -> new RankedListLoss(0.4, 1),
            SmoothAPLoss::new,
            ThresholdConsistentMarginLoss::new,
            VICRegLoss::new,
            DynamicSoftMarginLoss::new,
            CentroidTripletLoss::new,
            () -> new ManifoldLoss(Torch.ones(3, 5).triu(1)));
    return all.stream()
        .flatMap(
            loss -> Stream.of(DType.FLOAT16, DType.BFLOAT16).map(type -> Arguments.of(loss, type)));
  }

  /** Near to what float32 gives, too, as far as their digits go. */
  @ParameterizedTest
  @MethodSource("halves")
  void halfPrecisionIsFinite(Supplier<Loss> made, DType type) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor rows = Torch.linspace(-4, 4, 60).sin().add(Torch.arange(60).to(DType.FLOAT32).cos());
      Tensor wide = rows.mul(3).reshape(12, 5).to(type).to(DType.FLOAT32);
      Tensor labels = Tensor.of(new long[] {0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2}, 12);
      Tensor half = wide.to(type).requiresGrad(true);
      Tensor loss = made.get().forward(half, labels);
      loss.backward();
      assertThat(loss.dtype()).isEqualTo(type);
      Tensor gradient = half.grad();
      assertThat(gradient).isNotNull();
      assertThat(gradient.isfinite().all().itemBoolean()).isTrue();
      double exact = made.get().forward(wide, labels).item();
      assertThat(Math.abs(loss.item() - exact)).isLessThanOrEqualTo(0.1 * Math.max(1, exact));
    }
  }
}
