package dev.tripoint.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.miner.BatchEasyHardMiner;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Triplets;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The loss of mined triplets by its operator against the same over the whole matrix. */
class FewTripletsTest {

  @Test
  void everyDistanceReducerAndRule() {
    for (long seed = 0; seed < 12; seed++) {
      Torch.manualSeed(seed);
      try (TensorScope scope = TensorScope.open()) {
        Tensor x = Torch.randn(20, 6).to(DType.FLOAT64);
        Tensor labels = Torch.randn(20).mul(2).round().to(DType.INT64);
        IndexTuples mined = new BatchEasyHardMiner().forward(x, labels);
        for (Distance distance : OperatorParts.DISTANCES) {
          for (Reducer reducer : OperatorParts.REDUCERS) {
            for (boolean swap : new boolean[] {false, true}) {
              for (boolean smooth : new boolean[] {false, true}) {
                compare(new TripletMarginLoss(0.3, swap, smooth).with(reducer), distance, x, mined);
              }
            }
          }
        }
      }
    }
  }

  @Test
  void noTripletsAndMany() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Torch.randn(4, 3).to(DType.FLOAT64);
      Tensor none = Torch.arange(0);
      compare(new TripletMarginLoss(), new LpDistance(), x, new Triplets(none, none, none));
      Tensor many = Torch.zeros(DType.INT64, 200);
      Triplets triplets = new Triplets(many, many.add(1), many.add(2));
      compare(new TripletMarginLoss(), new LpDistance(), x, triplets);
    }
  }

  private static void compare(
      TripletMarginLoss loss, Distance distance, Tensor x, IndexTuples tuples) {
    Distance unnamed = OperatorParts.unnamed(distance);
    Tensor leaf = x.detach().copy().requiresGrad(true);
    LossResult found = loss.with(distance).compute(leaf, null, tuples, null, null);
    found.loss().backward();
    Tensor gradient = Objects.requireNonNull(leaf.grad());
    leaf.grad(null);
    LossResult expected = loss.with(unnamed).compute(leaf, null, tuples, null, null);
    expected.loss().backward();

    assertThat(found.loss().item()).as("%s", loss).isCloseTo(expected.loss().item(), within(1e-9));
    assertThat(found.stats()).isEqualTo(expected.stats());
    assertThat(distance(gradient, Objects.requireNonNull(leaf.grad()))).isLessThan(1e-9);
    LossGradient both = loss.with(distance).lossAndGradient(x, null, tuples, null);
    assertThat(both.loss().item()).isEqualTo(found.loss().item());
    assertThat(distance(both.gradient(), gradient)).isZero();
  }

  private static double distance(Tensor a, Tensor b) {
    return a.sub(b).abs().max().item();
  }
}
