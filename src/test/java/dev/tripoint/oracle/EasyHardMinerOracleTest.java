package dev.tripoint.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.DotProductSimilarity;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.miner.BatchEasyHardMiner;
import dev.tripoint.miner.BatchEasyHardMiner.Range;
import dev.tripoint.miner.BatchEasyHardMiner.Strategy;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The miner by its operator against the same over the whole matrix. */
class EasyHardMinerOracleTest {

  private static final List<Distance> DISTANCES =
      List.of(
          new LpDistance(),
          new LpDistance().withNormalizeEmbeddings(false),
          new LpDistance().withPower(2).withNormalizeEmbeddings(false),
          new CosineSimilarity(),
          new DotProductSimilarity(),
          new DotProductSimilarity().withNormalizeEmbeddings(false));

  @Test
  void everyStrategyDistanceAndRange() {
    for (long seed = 0; seed < 60; seed++) {
      Torch.manualSeed(seed);
      try (TensorScope scope = TensorScope.open()) {
        long rows = 2 + seed % 40;
        Tensor x = Torch.randn(rows, 6).to(DType.FLOAT64);
        Tensor labels = Torch.randn(rows).mul(3).round().to(DType.INT64);
        for (Distance distance : DISTANCES) {
          assertThat(OperatorDistance.of(distance)).isNotNull();
          for (Strategy positive : Strategy.values()) {
            for (Strategy negative : Strategy.values()) {
              if (positive == Strategy.ALL
                  || negative == Strategy.ALL
                  || (positive == Strategy.SEMIHARD && negative == positive)) {
                continue;
              }
              BatchEasyHardMiner miner = new BatchEasyHardMiner(positive, negative);
              compare(miner, distance, x, labels);
              compare(miner.withAllowedPosRange(new Range(0.2, 1.2)), distance, x, labels);
              compare(miner.withAllowedNegRange(new Range(-0.3, 0.9)), distance, x, labels);
            }
          }
        }
      }
    }
  }

  private static void compare(
      BatchEasyHardMiner miner, Distance distance, Tensor x, Tensor labels) {
    // Only a distance that is known by name goes to the operator.
    Distance unnamed =
        distance.isInverted() ? Distance.similarity(distance) : (a, b) -> distance.matrix(a, b);
    IndexTuples found = miner.with(distance).forward(x, labels);
    IndexTuples expected = miner.with(unnamed).forward(x, labels);
    for (int i = 0; i < 4; i++) {
      assertThat(found.tensors().get(i).toLongArray())
          .as("%s on %s", miner, distance)
          .isEqualTo(expected.tensors().get(i).toLongArray());
    }
  }
}
