package dev.tripoint.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.distance.LpDistance;
import dev.tripoint.miner.BatchEasyHardMiner;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Miner;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.reducer.ClassWeightedReducer;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Device;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A memory of batches where the source goes wrong, against plain loops; its state and its limits.
 */
class CrossBatchMemoryTest {

  private static final LpDistance RAW = new LpDistance().withNormalizeEmbeddings(false);

  private static CrossBatchMemory memory(Loss loss, long size, @Nullable Miner miner) {
    return new CrossBatchMemory(loss, 2, size, miner, DType.FLOAT64, Device.CPU);
  }

  private static Relation labels(long... labels) {
    return Relation.of(Tensor.of(labels, labels.length));
  }

  /** Rows of two columns with labels, and the queue that they make, as lists. */
  private static final class Stream {
    final Random random;
    final int places;
    final List<double[]> rows = new ArrayList<>();
    final List<Long> labels = new ArrayList<>();
    int next;

    Stream(long seed, int places) {
      this.random = new Random(seed);
      this.places = places;
    }

    double[][] draw(int count) {
      double[][] drawn = new double[count][2];
      for (double[] row : drawn) {
        row[0] = random.nextGaussian();
        row[1] = random.nextGaussian();
      }
      return drawn;
    }

    int enter(double[] row, long label) {
      int place = next;
      if (rows.size() < places) {
        rows.add(row);
        labels.add(label);
      } else {
        rows.set(place, row);
        labels.set(place, label);
      }
      next = (next + 1) % places;
      return place;
    }
  }

  private static double distance(double[] a, double[] b) {
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  }

  private static Tensor tensor(double[][] rows) {
    double[] flat = new double[2 * rows.length];
    for (int i = 0; i < rows.length; i++) {
      flat[2 * i] = rows[i][0];
      flat[2 * i + 1] = rows[i][1];
    }
    return Tensor.of(flat, rows.length, 2).requiresGrad(true);
  }

  /** Uneven batches, some of one row, with swap among the queue's rows. */
  @Test
  void swapAndSingleRowsAgainstLoops() {
    for (long seed = 0; seed < 40; seed++) {
      Stream s = new Stream(seed, 4 + (int) (seed % 9));
      try (TensorScope scope = TensorScope.open()) {
        var loss = new TripletMarginLoss(0.5).withSwap(true).with(RAW).with(new MeanReducer());
        CrossBatchMemory memory = memory(loss, s.places, null);
        for (int batch = 0; batch < 8; batch++) {
          int count = 1 + s.random.nextInt(Math.min(4, s.places));
          double[][] drawn = s.draw(count);
          long[] classes = s.random.longs(count, 0, 3).toArray();
          int[] at = new int[count];
          for (int i = 0; i < count; i++) {
            at[i] = s.enter(drawn[i], classes[i]);
          }
          double expected = mean(s, drawn, classes, at);
          Tensor got = memory.compute(tensor(drawn), labels(classes), null, null).loss();
          assertThat(got.item())
              .as("seed %d, batch %d", seed, batch)
              .isCloseTo(expected, within(1e-12));
        }
      }
    }
  }

  private static double mean(Stream s, double[][] drawn, long[] classes, int[] at) {
    double sum = 0;
    int count = 0;
    for (int a = 0; a < drawn.length; a++) {
      for (int p = 0; p < s.rows.size(); p++) {
        for (int n = 0; n < s.rows.size(); n++) {
          if (p == at[a] || s.labels.get(p) != classes[a] || s.labels.get(n) == classes[a]) {
            continue;
          }
          double near =
              Math.min(distance(drawn[a], s.rows.get(n)), distance(s.rows.get(p), s.rows.get(n)));
          sum += Math.max(0, distance(drawn[a], s.rows.get(p)) - near + 0.5);
          count++;
        }
      }
    }
    return count == 0 ? 0 : sum / count;
  }

  /** The easiest positive of a row would always be the row itself. */
  @Test
  void minersDoNotSeeARowAsItsOwnPositive() {
    try (TensorScope scope = TensorScope.open()) {
      AtomicReference<long[]> seen = new AtomicReference<>();
      Miner easy =
          new BatchEasyHardMiner(BatchEasyHardMiner.Strategy.EASY, BatchEasyHardMiner.Strategy.HARD)
              .with(RAW);
      Miner watched =
          (rows, ref, relation) -> {
            IndexTuples found = easy.mine(rows, ref, relation);
            seen.set(((Pairs) found).positive().toLongArray());
            return found;
          };
      CrossBatchMemory memory = memory(new ContrastiveLoss().with(RAW), 10, watched);
      memory.compute(tensor(new double[][] {{0, 0}, {5, 5}}), labels(1, 2), null, null);
      Tensor rows = tensor(new double[][] {{1, 0}, {3, 0}, {6, 6}});
      double loss = memory.compute(rows, labels(1, 1, 2), null, null).loss().item();
      // Of rows 2, 3 and 4 of the queue, the nearest others of their class.
      assertThat(seen.get()).containsExactly(0, 2, 1);
      assertThat(loss).isPositive();
    }
  }

  /** Where the source compares each row with itself first of all. */
  @Test
  void lossesThatLookAtLabelsDoNotSeeARowAsItsOwnPositive() {
    try (TensorScope scope = TensorScope.open()) {
      CrossBatchMemory memory = memory(new NCALoss().with(RAW), 10, null);
      double loss =
          memory
              .compute(tensor(new double[][] {{0, 0}, {1, 0}, {0, 2}}), labels(1, 1, 2), null, null)
              .loss()
              .item();
      // Each row of class 1 has the other, at 1, among that and the row of class 2.
      double first = -Math.log(Math.exp(-1) / (Math.exp(-1) + Math.exp(-2)));
      double second = -Math.log(Math.exp(-1) / (Math.exp(-1) + Math.exp(-Math.sqrt(5))));
      assertThat(loss).isCloseTo((first + second) / 2, within(1e-12));
    }
  }

  @Test
  void reducersSeeTheLabelsOfTheBatch() {
    try (TensorScope scope = TensorScope.open()) {
      Loss plain = new ContrastiveLoss().with(RAW).with(new MeanReducer());
      Loss weighted = new ContrastiveLoss().with(RAW).with(new ClassWeightedReducer(3, 3, 3));
      Tensor rows = tensor(new double[][] {{0, 0}, {1, 0}, {0, 2}});
      double once = memory(plain, 9, null).compute(rows, labels(1, 1, 2), null, null).loss().item();
      double thrice =
          memory(weighted, 9, null).compute(rows, labels(1, 1, 2), null, null).loss().item();
      assertThat(thrice).isCloseTo(3 * once, within(1e-12));
    }
  }

  @Test
  void aSavedMemoryGoesOnWithTheSameBits() {
    try (TensorScope scope = TensorScope.open();
        Generator generator = new Generator(5)) {
      Loss loss = new ContrastiveLoss();
      CrossBatchMemory first = new CrossBatchMemory(loss, 3, 7, null);
      List<Tensor> batches = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        batches.add(Torch.randn(generator, DType.FLOAT32, 3, 3));
      }
      for (int i = 0; i < 4; i++) {
        first.compute(batches.get(i), labels(i % 2, 1, 0), null, null);
      }
      CrossBatchMemory second = new CrossBatchMemory(loss, 3, 7, null);
      second.restore(first.state());
      assertThat(second.count()).isEqualTo(7);
      for (int i = 4; i < 8; i++) {
        Tensor a = first.compute(batches.get(i), labels(i % 2, 1, 0), null, null).loss();
        Tensor b = second.compute(batches.get(i), labels(i % 2, 1, 0), null, null).loss();
        assertThat(b.item()).isEqualTo(a.item());
      }
      CrossBatchMemory other = new CrossBatchMemory(loss, 3, 6, null);
      assertThatThrownBy(() -> other.restore(first.state()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("cannot hold 7");
      first.reset();
      assertThat(first.count()).isZero();
      assertThat(first.state().embeddings().size(0)).isZero();
    }
  }

  @Test
  void batchesMayWaitForTheirBackward() {
    try (TensorScope scope = TensorScope.open()) {
      CrossBatchMemory memory = memory(new ContrastiveLoss().with(RAW), 4, null);
      Tensor first = tensor(new double[][] {{0, 0}, {1, 0}, {0, 2}});
      Tensor second = tensor(new double[][] {{3, 0}, {1, 1}, {0, 1}});
      Tensor one = memory.compute(first, labels(1, 1, 2), null, null).loss();
      Tensor two = memory.compute(second, labels(1, 2, 2), null, null).loss();
      one.add(two).backward();
      assertThat(first.grad()).isNotNull();
      assertThat(second.grad()).isNotNull();
    }
  }

  @Test
  void aMaskThatLeavesNothingGivesZero() {
    try (TensorScope scope = TensorScope.open()) {
      CrossBatchMemory memory = memory(new ContrastiveLoss().with(RAW), 4, null);
      Tensor rows = tensor(new double[][] {{0, 0}, {1, 0}});
      Tensor classes = Tensor.of(new long[] {0, 1}, 2);
      Tensor none = Tensor.of(new boolean[] {false, false}, 2);
      assertThat(memory.compute(rows, classes, none).loss().item()).isZero();
      assertThat(memory.count()).isZero();
      assertThat(memory.compute(rows, classes, none.logicalNot()).loss().item()).isZero();
      assertThat(memory.count()).isEqualTo(2);
    }
  }

  @Test
  void refusesWhatDoesNotFit() {
    try (TensorScope scope = TensorScope.open()) {
      CrossBatchMemory memory = memory(new ContrastiveLoss(), 2, null);
      Tensor three = Torch.randn(3, 2);
      assertThatThrownBy(() -> memory.compute(three, labels(0, 1, 1), null, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a batch of 3 rows does not fit into a memory of 2");
      assertThatThrownBy(() -> memory.compute(Torch.randn(2, 3), labels(0, 1), null, null))
          .hasMessageContaining("remembers embeddings of size 2");
      assertThatThrownBy(
              () -> memory.compute(Torch.randn(2, 2), labels(0, 1), null, Torch.randn(2, 2)))
          .hasMessageContaining("takes no references");
      assertThatThrownBy(() ->
              memory.compute(Torch.randn(2, 2), Relation.ofMask(Torch.eye(2).gt(0)), null, null))
          .hasMessageContaining("needs labels");
      assertThatThrownBy(
              () -> memory.compute(three, Torch.arange(3), Tensor.of(new boolean[] {true}, 1)))
          .hasMessageContaining("bool with one entry for each of the 3 rows");
      assertThatThrownBy(() -> new CrossBatchMemory(new ContrastiveLoss(), 0))
          .hasMessageContaining("1 or more");
      assertThat(memory.count()).isZero();
    }
  }

  @Test
  void withoutAScopeTheCallerClosesIt() {
    CrossBatchMemory memory = new CrossBatchMemory(new ContrastiveLoss(), 2);
    memory.close();
    memory.close();
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(() -> memory.compute(Torch.randn(2, 2), labels(0, 1), null, null))
          .hasMessageContaining("closed");
    }
  }

  @Test
  void severalLossesAndTwoViewsRefuseWhatDoesNotFit() {
    try (TensorScope scope = TensorScope.open()) {
      Miner miner = (rows, ref, relation) -> MinerUtils.getAllTripletsIndices(relation);
      MultipleLosses two =
          MultipleLosses.of(new ContrastiveLoss())
              .and("mined", new TripletMarginLoss(), 0.5, miner);
      assertThat(two.losses().keySet()).containsExactly("0", "mined");
      Tensor index = Tensor.of(new long[] {0}, 1);
      assertThatThrownBy(() ->
              two.compute(Torch.randn(2, 2), labels(0, 1), new Triplets(index, index, index), null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("tuples cannot be given");
      assertThatThrownBy(MultipleLosses::of).hasMessageContaining("one loss or more");
      assertThatThrownBy(() ->
              new SelfSupervisedLoss(new ContrastiveLoss())
                  .compute(Torch.randn(3, 2), Torch.randn(2, 2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("two views need as many rows each, but have 3 and 2");
      Tensor rows = Torch.randn(4, 2);
      LossResult once =
          MultipleLosses.of(new TripletMarginLoss(1), new TripletMarginLoss(1))
              .compute(rows, labels(0, 0, 1, 1), null, null);
      double single =
          new TripletMarginLoss(1).compute(rows, labels(0, 0, 1, 1), null, null).loss().item();
      assertThat(once.loss().item()).isCloseTo(2 * single, within(1e-6));
      assertThat(once.stats()).containsKeys("0.losses_size", "1.losses_size");
    }
  }
}
