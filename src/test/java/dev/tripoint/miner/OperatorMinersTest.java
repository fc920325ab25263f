package dev.tripoint.miner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.DotProductSimilarity;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What operators mine is what the matrix of distances gives. */
class OperatorMinersTest {

  private static final List<Distance> DISTANCES =
      List.of(
          new LpDistance(),
          new LpDistance(2, 2, false),
          new CosineSimilarity(),
          new DotProductSimilarity(1, 1, false));

  /** The same distance, of which nothing is known but its matrix. */
  private static Distance unknown(Distance distance) {
    return distance.isInverted()
        ? Distance.similarity(distance::matrix)
        : (query, ref) -> distance.matrix(query, ref);
  }

  private static List<Miner> miners(Distance distance, double near, double far) {
    List<Miner> all = new ArrayList<>();
    for (TripletMarginMiner.Type type : TripletMarginMiner.Type.values()) {
      all.add(new TripletMarginMiner(near, type, distance));
    }
    all.add(new MultiSimilarityMiner(near, distance));
    all.add(new PairMarginMiner(near, far, distance));
    return all;
  }

  private static void sameByMatrix(Tensor x, Relation relation, @Nullable Tensor refEmb) {
    for (Distance distance : DISTANCES) {
      sameByMatrix(
          miners(distance, 0.3, 0.9), miners(unknown(distance), 0.3, 0.9), x, relation, refEmb);
    }
  }

  private static void sameByMatrix(
      List<Miner> known, List<Miner> plain, Tensor x, Relation relation, @Nullable Tensor refEmb) {
    for (int i = 0; i < known.size(); ++i) {
      List<Tensor> found = known.get(i).forward(x, relation, refEmb).tensors();
      List<Tensor> expected = plain.get(i).forward(x, relation, refEmb).tensors();
      assertThat(found).hasSameSizeAs(expected);
      for (int t = 0; t < found.size(); ++t) {
        assertThat(found.get(t).toLongArray())
            .as("%s, tensor %d", known.get(i), t)
            .isEqualTo(expected.get(t).toLongArray());
      }
    }
  }

  @Test
  void minersOfAnyRelationFindWhatTheMatrixSays() {
    try (TensorScope scope = TensorScope.open();
        Generator generator = new Generator(11)) {
      Tensor x = Torch.randn(generator, DType.FLOAT64, 43, 6);
      Tensor references = Torch.randn(generator, DType.FLOAT64, 21, 6);
      Tensor labels = Torch.randint(6, generator, 43);
      Tensor theirs = Torch.randint(7, generator, 21);
      Tensor ignored = Torch.rand(generator, DType.FLOAT64, 43, 21).gt(0.8);
      Tensor mask = Torch.rand(generator, DType.FLOAT64, 43, 43).gt(0.8);
      sameByMatrix(x, Relation.of(labels), null);
      sameByMatrix(x, Relation.of(labels, theirs), references);
      sameByMatrix(x, Relation.of(labels, theirs.to(DType.INT32)), references);
      sameByMatrix(x, Relation.of(labels, theirs, ignored), references);
      sameByMatrix(x, Relation.ofMask(mask), null);
      sameByMatrix(x, Relation.ofMask(ignored), references);
      sameByMatrix(x.narrow(0, 0, 0), Relation.of(labels.narrow(0, 0, 0)), null);
    }
  }

  /** Distances are whole numbers, many of which are what they are compared with. */
  @Test
  void tiesAreOnTheSideThatTheMatrixSays() {
    try (TensorScope scope = TensorScope.open();
        Generator generator = new Generator(12)) {
      Tensor x = Torch.randint(9, generator, 120, 1).to(DType.FLOAT32);
      Relation relation = Relation.of(Torch.randint(15, generator, 120));
      for (Distance distance :
          List.of(new LpDistance(2, 1, false), new DotProductSimilarity(1, 1, false))) {
        sameByMatrix(miners(distance, 2, 3), miners(unknown(distance), 2, 3), x, relation, null);
      }
    }
  }

  /** A negative as far as the positive is not semihard, and the ends of a range belong to it. */
  @Test
  void edgesOfEasyAndHard() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Tensor.of(new double[] {0, 2, 4, 7}, 4, 1);
      Relation relation = Relation.of(Tensor.of(new int[] {8, 8, 9, 9}, 4));
      Distance line = new LpDistance(2, 1, false);
      for (Distance distance : List.of(line, unknown(line))) {
        Pairs semihard =
            (Pairs)
                new BatchEasyHardMiner(
                        BatchEasyHardMiner.Strategy.EASY, BatchEasyHardMiner.Strategy.SEMIHARD)
                    .with(distance)
                    .forward(x, relation, null);
        assertThat(semihard.anchorNegative().toLongArray()).containsExactly(0, 1, 2, 3);
        assertThat(semihard.negative().toLongArray()).containsExactly(2, 3, 0, 1);
        Pairs near =
            (Pairs)
                new BatchEasyHardMiner(
                        BatchEasyHardMiner.Strategy.EASY, BatchEasyHardMiner.Strategy.HARD)
                    .withAllowedNegRange(new BatchEasyHardMiner.Range(2, 4))
                    .with(distance)
                    .forward(x, relation, null);
        assertThat(near.anchorNegative().toLongArray()).containsExactly(0, 1, 2);
        assertThat(near.negative().toLongArray()).containsExactly(2, 2, 1);
      }
    }
  }

  @Test
  void whatIsNotFiniteGoesByTheMatrix() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor labels = Tensor.of(new int[] {1, 1, 2, 2, 2}, 5);
      Tensor x = Tensor.of(new double[] {1, 2, 3, 4, Double.NaN, 1, 0, 1, 1, 0}, 5, 2);
      sameByMatrix(x, Relation.of(labels), null);
    }
  }
}
