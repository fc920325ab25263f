package dev.tripoint.miner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** One's own miner, and what is asked of a batch. */
class MinerTest {

  private static final Miner ALL =
      (embeddings, refEmb, relation) -> MinerUtils.getAllTripletsIndices(relation);

  private static Tensor points() {
    return Tensor.of(new float[] {0, 0, 1, 0, 0, 1, 3, 3}, 4, 2).requiresGrad(true);
  }

  @Test
  void aLambdaIsAMiner() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor labels = Tensor.of(new int[] {7, 7, 9, 9}, 4);
      assertThat(((Triplets) ALL.forward(points(), labels)).count()).isEqualTo(8);
      assertThat(((Triplets) ALL.forward(points(), Relation.of(labels))).count()).isEqualTo(8);
    }
  }

  @Test
  void forwardLeavesTheResultAloneAndRecordsNoGradient() {
    AtomicReference<Tensor> temporary = new AtomicReference<>();
    AtomicReference<Tensor> handedBack = new AtomicReference<>();
    try (TensorScope scope = TensorScope.open()) {
      Tensor own = Torch.arange(3);
      Miner miner =
          (embeddings, refEmb, relation) -> {
            temporary.set(embeddings.cdist(refEmb, 2));
            assertThat(temporary.get().requiresGrad()).isFalse();
            return new Triplets(own, Torch.arange(3), Torch.arange(3));
          };
      Triplets found = (Triplets) miner.forward(points(), Torch.arange(4));
      handedBack.set(found.positive());
      assertThat(temporary.get().isClosed()).isTrue();
      found.close();
      // What the miner did not make is not its to give away.
      assertThat(own.isClosed()).isFalse();
    }
    assertThat(handedBack.get().isClosed()).isTrue();
  }

  @Test
  void whatDoesNotFitIsNamed() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = points();
      Tensor labels = Torch.arange(4);
      refused(() -> ALL.forward(x, Torch.arange(3)), "labels", "3", "4");
      refused(() -> ALL.forward(labels, labels), "embeddings", "int64", "[4]");
      refused(() -> ALL.forward(x, x), "labels", "float32");
      refused(() -> ALL.forward(x, labels, x.narrow(1, 0, 1), labels), "refEmb", "1", "2");
      refused(() -> ALL.forward(x, labels, x, null), "refLabels");
      refused(() -> ALL.forward(x, labels, null, labels), "refEmb");
      refused(
          () -> ALL.forward(x, labels, x.to(dev.tripoint.tensor.DType.FLOAT64), labels),
          "float64",
          "float32");
    }
  }

  @Test
  void anEmptyBatchHasNoTuples() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor none = Torch.zeros(dev.tripoint.tensor.DType.FLOAT32, 0, 3);
      Tensor labels = Torch.arange(0);
      assertThat(((Triplets) new BatchHardMiner().forward(none, labels)).count()).isZero();
      assertThat(((Triplets) new TripletMarginMiner().forward(none, labels)).count()).isZero();
      assertThat(((Pairs) new PairMarginMiner().forward(none, labels)).positive().numel()).isZero();
    }
  }

  @Test
  void aSimilarityByLambdaTurnsTheMinerAround() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Torch.randn(12, 3);
      Tensor labels = Torch.arange(12).lt(5);
      Distance cosine = new CosineSimilarity();
      Distance own = Distance.similarity((query, ref) -> cosine.matrix(query, ref));
      Triplets a = (Triplets) new BatchHardMiner().with(own).forward(x, labels);
      Triplets b = (Triplets) new BatchHardMiner().with(cosine).forward(x, labels);
      assertThat(a.positive().toLongArray()).isEqualTo(b.positive().toLongArray());
      assertThat(a.negative().toLongArray()).isEqualTo(b.negative().toLongArray());
    }
  }

  @Test
  void combinationsWithoutMeaningAreRefused() {
    var semihard = BatchEasyHardMiner.Strategy.SEMIHARD;
    refused(() -> new BatchEasyHardMiner(semihard, semihard), "semihard");
    refused(() -> new BatchEasyHardMiner(semihard, BatchEasyHardMiner.Strategy.ALL), "all");
    refused(() -> new BatchEasyHardMiner(BatchEasyHardMiner.Strategy.ALL, semihard), "all");
    refused(() -> new HardNegatives().withMargin(0.1), "margin", "hardest");
    refused(() -> new HardNegatives().with(HardNegatives.Strategy.EASY).withMargin(-1.0), "-1.0");
  }

  @Test
  void scoresAndMaskMustFit() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor scores = Torch.randn(3, 4);
      refused(
          () -> new HardNegatives().mine(scores, Torch.randn(4, 3).gt(0)),
          "positiveMask",
          "[3, 4]",
          "[4, 3]");
      refused(() -> new HardNegatives().mine(scores, scores), "bool", "float32");
      refused(() -> new HardNegatives().mine(Torch.arange(4), Torch.arange(4)), "scores");
    }
  }

  @Test
  void bitsSayWhatBoolsSay() {
    try (TensorScope scope = TensorScope.open()) {
      int rows = 5;
      int columns = 11;
      Tensor scores = Torch.randn(rows, columns);
      boolean[] positive = new boolean[rows * columns];
      boolean[] ignored = new boolean[rows * columns];
      int[] positiveBits = new int[rows * 2];
      int[] ignoredBits = new int[rows * 2];
      for (int i = 0; i < positive.length; i++) {
        int at = i / columns * 2 + i % columns / 8;
        positive[i] = i % 3 == 0;
        ignored[i] = i % 7 == 0;
        positiveBits[at] |= positive[i] ? 1 << i % columns % 8 : 0;
        ignoredBits[at] |= ignored[i] ? 1 << i % columns % 8 : 0;
      }
      HardNegatives miner = new HardNegatives().withAll(true);
      HardNegatives.Mined byBools =
          miner.mine(scores, Tensor.of(positive, rows, columns), Tensor.of(ignored, rows, columns));
      HardNegatives.Mined byBits =
          miner.mine(
              scores,
              Tensor.of(positiveBits, rows, 2).to(DType.UINT8),
              Tensor.of(ignoredBits, rows, 2).to(DType.UINT8));
      assertThat(byBits.negative().toLongArray()).isEqualTo(byBools.negative().toLongArray());
      assertThat(byBits.positive().toLongArray()).isEqualTo(byBools.positive().toLongArray());
      assertThat(byBits.withoutNegative()).isEqualTo(byBools.withoutNegative());
      assertThat(byBools.negative().numel()).isPositive();
    }
  }

  private static void refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... says) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(says);
  }
}
