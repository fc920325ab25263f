package dev.tripoint.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.distance.Distance;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses of a whole batch by their operators against the same over the matrix of all pairs. */
class LossBatchTest {

  private static Tensor rows(int count) {
    return Torch.randn(count, 6).to(DType.FLOAT64);
  }

  private static Tensor labels(int count) {
    return Torch.randn(count).mul(2).round().to(DType.INT64);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 21, 230})
  void ofItselfByLabels(int rows) {
    Torch.manualSeed(rows);
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = rows(rows);
      Tensor labels = labels(rows);
      compareAll(x, Relation.of(labels), null);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 21, 230})
  void ofReferences(int references) {
    Torch.manualSeed(references);
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = rows(19);
      Tensor others = rows(references);
      Tensor labels = labels(19);
      Tensor theirs = labels(references);
      compareAll(x, Relation.of(labels, theirs), others);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 21, 230})
  void ofItselfAsReferencesAndByMasks(int rows) {
    Torch.manualSeed(rows);
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = rows(rows);
      Tensor labels = labels(rows);
      compareAll(x, Relation.of(labels, labels), x);
      // Labels that are equal but not the same say that rows are compared with themselves too.
      compareAll(x, Relation.of(labels, labels.copy()), x);
      Tensor mask = Torch.randn(rows, rows).gt(0.8);
      compareAll(x, Relation.ofMask(mask), null);
    }
  }

  private static void compareAll(Tensor x, Relation relation, @Nullable Tensor references) {
    for (Distance distance : OperatorParts.DISTANCES) {
      for (Reducer reducer : OperatorParts.REDUCERS) {
        TripletMarginLoss triplets = new TripletMarginLoss(0.3).with(reducer);
        assertThat(triplets.with(distance).onOperator(x, relation, null, references)).isNotNull();
        compare(triplets::with, distance, x, relation, references);
        boolean inverted = distance.isInverted();
        ContrastiveLoss pairs =
            new ContrastiveLoss(inverted ? 0.7 : 0.2, inverted ? 0.1 : 1.3).with(reducer);
        assertThat(pairs.with(distance).onOperator(x, relation, null, references)).isNotNull();
        compare(pairs::with, distance, x, relation, references);
      }
    }
  }

  private static void compare(
      Function<Distance, MetricLoss> loss,
      Distance distance,
      Tensor x,
      Relation relation,
      @Nullable Tensor references) {
    Distance unnamed = OperatorParts.unnamed(distance);
    assertThat(loss.apply(unnamed).onOperator(x, relation, null, references)).isNull();
    boolean self = references != null && references.equals(x);
    Tensor leaf = x.detach().copy().requiresGrad(true);
    Tensor others =
        self ? leaf : references == null ? null : references.detach().copy().requiresGrad(true);
    LossResult found = loss.apply(distance).compute(leaf, relation, null, others);
    found.loss().backward();
    UnaryOperator<Tensor> taken =
        of -> {
          // A batch with nothing to learn from may leave the references alone.
          Tensor gradient = of.grad();
          of.grad(null);
          return gradient == null ? Torch.zerosLike(of) : gradient;
        };
    Tensor gradient = taken.apply(leaf);
    Tensor theirs = others == null || self ? null : taken.apply(others);
    LossResult expected = loss.apply(unnamed).compute(leaf, relation, null, others);
    expected.loss().backward();

    assertThat(found.loss().item())
        .as("%s", loss.apply(distance))
        .isCloseTo(expected.loss().item(), within(1e-9 * (1 + expected.loss().item())));
    assertThat(found.stats()).as("%s", loss.apply(distance)).isEqualTo(expected.stats());
    double bound = 1e-9 * (1 + gradient.abs().max().item());
    assertThat(apart(gradient, taken.apply(leaf))).isLessThan(bound);
    if (theirs != null && others != null) {
      assertThat(apart(theirs, taken.apply(others))).isLessThan(bound);
    }
    LossGradient both =
        loss.apply(distance).lossAndGradient(x, relation, null, self ? x : references);
    assertThat(both.loss().item()).isEqualTo(found.loss().item());
    assertThat(apart(both.gradient(), gradient)).isLessThan(1e-15 + bound * 1e-6);
    assertThat(both.gradient().isContiguous()).isTrue();
    assertThat(both.loss().requiresGrad() || both.gradient().requiresGrad()).isFalse();
  }

  private static double apart(Tensor a, Tensor b) {
    return a.sub(b).abs().max().item();
  }
}
