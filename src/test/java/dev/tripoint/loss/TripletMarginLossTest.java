package dev.tripoint.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.compat.online.BatchHard;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.miner.HardNegatives;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.Triplets;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** One's own distances, reducers and losses, lifetimes, and what is refused. */
class TripletMarginLossTest {

  private static Tensor points() {
    return Tensor.of(new double[] {0, 0, 1, 0, 0, 1, 3, 3}, 4, 2).requiresGrad(true);
  }

  private static Tensor labels() {
    return Tensor.of(new long[] {7, 7, 9, 9}, 4);
  }

  @Test
  void withGivesANewOneAndLeavesTheOld() {
    TripletMarginLoss old = new TripletMarginLoss();
    TripletMarginLoss changed = old.withMargin(1).withSwap(true).with(new MeanReducer());
    assertThat(old.margin()).isEqualTo(0.05);
    assertThat(old.swap()).isFalse();
    assertThat(changed.margin()).isEqualTo(1);
    assertThat(changed.reducer()).isEqualTo(new MeanReducer());
    assertThat(changed.withTripletsPerAnchor(3).withAllTriplets()).isEqualTo(changed);
  }

  @Test
  void lambdasAreDistancesAndReducers() {
    try (TensorScope scope = TensorScope.open()) {
      Distance manhattan = (query, ref) -> query.cdist(ref, 1);
      Tensor worst =
          new TripletMarginLoss(0.5)
              .with(manhattan)
              .with((terms, embeddings, labels) -> terms.losses().amax(0, false))
              .forward(points(), labels());
      // Anchor 2 at (0, 1) has its positive at (3, 3), 5 away, and its negative at the origin, 1
      // away.
      assertThat(worst.item()).isEqualTo(5 - 1 + 0.5);
    }
  }

  @Test
  void ofAllThatWasMadeTheLossAloneStays() {
    AtomicReference<Tensor> matrix = new AtomicReference<>();
    Distance watched =
        (query, ref) -> {
          matrix.set(new LpDistance().matrix(query, ref));
          return matrix.get();
        };
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = points();
      Tensor loss = new TripletMarginLoss(1).with(watched).forward(x, labels());
      assertThat(matrix.get().isClosed()).isTrue();
      loss.backward();
      assertThat(x.grad()).isNotNull();
    }
  }

  @Test
  void aSeededGeneratorGivesTheSameLossAgain() {
    try (TensorScope scope = TensorScope.open()) {
      double[] losses = new double[3];
      for (int i = 0; i < 3; i++) {
        try (Generator generator = new Generator(i < 2 ? 5 : 6)) {
          losses[i] =
              new TripletMarginLoss(2)
                  .withTripletsPerAnchor(1)
                  .with(generator)
                  .with(new MeanReducer())
                  .forward(points(), labels())
                  .item();
        }
      }
      assertThat(losses[1]).isEqualTo(losses[0]);
    }
  }

  @Test
  void tuplesNeedNoLabels() {
    try (TensorScope scope = TensorScope.open()) {
      Triplets one =
          new Triplets(
              Tensor.of(new long[] {0}, 1),
              Tensor.of(new long[] {1}, 1),
              Tensor.of(new long[] {2}, 1));
      Distance raw = new LpDistance().withNormalizeEmbeddings(false);
      assertThat(new TripletMarginLoss(0.25).with(raw).forward(points(), null, one).item())
          .isEqualTo(0.25);
      Pairs pairs = new Pairs(one.anchor(), one.positive(), one.anchor(), one.negative());
      assertThat(new TripletMarginLoss(0.25).with(raw).forward(points(), null, pairs).item())
          .isEqualTo(0.25);
    }
  }

  @Test
  void whatDoesNotFitIsNamed() {
    try (TensorScope scope = TensorScope.open()) {
      TripletMarginLoss loss = new TripletMarginLoss();
      refused(() -> loss.forward(points(), Torch.arange(3)), "labels", "3", "4");
      refused(() -> loss.forward(points(), null, null), "labels");
      refused(() -> loss.compute(points(), labels(), null, points(), null), "labels");
      refused(() -> new TripletMarginLoss(Double.NaN), "margin", "NaN");
      refused(() -> loss.withTripletsPerAnchor(0), "tripletsPerAnchor", "0");
      refused(() -> new LpDistance().withP(-1), "p", "-1");
      refused(
          () -> new MaskedTripletLoss(1, new HardNegatives().with(HardNegatives.Per.ANCHOR)),
          "anchor");
      refused(
          () -> new BatchHard(1).compute(points(), labels(), null, points(), labels()),
          "no references");
      refused(() -> new BatchHard(1).forward(points(), null, null), "labels");
    }
  }

  @Test
  void aLossOfOnesOwn() {
    try (TensorScope scope = TensorScope.open()) {
      Loss norms =
          (embeddings, relation, tuples, refEmb) ->
              new LossResult(embeddings.square().sum(), java.util.Map.of());
      Tensor x = points();
      norms.forward(x, labels()).backward();
      assertThat(x.grad().toDoubleArray()).isEqualTo(new double[] {0, 0, 2, 0, 0, 2, 6, 6});
    }
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... says) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(says);
  }
}
