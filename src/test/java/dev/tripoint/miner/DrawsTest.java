package dev.tripoint.miner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.distance.LpDistance;
import dev.tripoint.oracle.ChiSquare;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is random: the same seed gives the same draws, and draws have the distribution that the
 * source's have. With labels they are the source's own; those are parity cases.
 */
class DrawsTest {

  private static final long[] LABELS = {5, 3, 5, 5, 8, 3, 5, 3, 8};
  private static final int DRAWS = 6000;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void randomTripletsAreDrawnEvenly(boolean byMask) {
    try (TensorScope _ = TensorScope.open();
        Generator generator = new Generator(17)) {
      Relation relation = byMask ? mask(LABELS, LABELS) : Relation.of(Tensor.of(LABELS));
      Triplets found =
          MinerUtils.getRandomTripletIndices(relation, OptionalInt.of(DRAWS), generator);
      int rows = LABELS.length;
      for (int anchor = 0; anchor < rows; anchor++) {
        // A positive and a negative are drawn independently: all pairs of them are equally likely.
        long[] counts = counts(found, anchor, rows);
        double[] weights = new double[rows * rows];
        for (int p = 0; p < rows; p++) {
          for (int n = 0; n < rows; n++) {
            boolean possible =
                p != anchor && LABELS[p] == LABELS[anchor] && LABELS[n] != LABELS[anchor];
            weights[p * rows + n] = possible ? 1 : 0;
          }
        }
        assertThat(Arrays.stream(counts).sum()).isEqualTo(DRAWS);
        ChiSquare.assertDrawn("anchor " + anchor, counts, weights);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void negativesAreDrawnByWeight(boolean byMask) {
    int rows = LABELS.length;
    Random random = new Random(2);
    double[] weights = new double[rows * rows];
    Arrays.setAll(weights, _ -> random.nextInt(4) == 0 ? 0 : 0.1 + random.nextDouble());
    // Row 4 has no negative to draw; what its own class weighs does not matter.
    Arrays.fill(weights, 4 * rows, 4 * rows + 8, 0);
    try (TensorScope _ = TensorScope.open();
        Generator generator = new Generator(18)) {
      Relation relation = byMask ? mask(LABELS, LABELS) : Relation.of(Tensor.of(LABELS));
      Triplets found =
          MinerUtils.getRandomTripletIndices(
              relation, OptionalInt.of(DRAWS), Tensor.of(weights, rows, rows), generator);
      for (int anchor = 0; anchor < rows; anchor++) {
        long[] counts = negatives(found, anchor, rows);
        assertThat(Arrays.stream(counts).sum()).isEqualTo(anchor == 4 ? 0 : DRAWS);
        if (anchor != 4) {
          double[] wanted = Arrays.copyOfRange(weights, anchor * rows, (anchor + 1) * rows);
          for (int n = 0; n < rows; n++) {
            wanted[n] = LABELS[n] == LABELS[anchor] ? 0 : wanted[n];
          }
          ChiSquare.assertDrawn("anchor " + anchor, counts, wanted);
        }
      }
    }
  }

  /** The weights once more, written out by the formula of the paper. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void distanceWeightedNegativesAreDrawnByTheInverseDensityOfTheirDistance(boolean byMask) {
    // Many equal positives, as each anchor gives as many triplets as its class has references.
    int positives = 4000;
    int negatives = 24;
    int columns = 5;
    Random random = new Random(3);
    double[][] anchors = sphere(random, 3, columns);
    double[][] others = sphere(random, positives + negatives, columns);
    for (int i = 0; i < positives; i++) {
      others[i] = others[0];
    }
    long[] labels = {1, 1, 1};
    long[] refLabels = new long[positives + negatives];
    Arrays.fill(refLabels, 0, positives, 1);
    try (TensorScope _ = TensorScope.open();
        Generator generator = new Generator(19)) {
      Relation relation =
          byMask ? mask(labels, refLabels) : Relation.of(Tensor.of(labels), Tensor.of(refLabels));
      var miner = new DistanceWeightedMiner(0.9, 1.45).with(generator);
      Triplets found = (Triplets) miner.forward(tensor(anchors), relation, tensor(others));
      for (int anchor = 0; anchor < anchors.length; anchor++) {
        long[] counts = negatives(found, anchor, refLabels.length);
        double[] weights = new double[refLabels.length];
        for (int n = positives; n < refLabels.length; n++) {
          double d = Math.max(distance(anchors[anchor], others[n]), 0.9);
          weights[n] =
              d < 1.45
                  ? Math.pow(d, 2 - columns) * Math.pow(1 - d * d / 4, (3.0 - columns) / 2)
                  : 0;
        }
        assertThat(Arrays.stream(weights).filter(w -> w > 0).count()).isBetween(3L, 22L);
        assertThat(Arrays.stream(counts).sum()).isEqualTo(positives);
        ChiSquare.assertDrawn("anchor " + anchor, counts, weights);
        // The test would notice draws that do not look at the distance.
        double[] even = Arrays.stream(weights).map(w -> w > 0 ? 1 : 0).toArray();
        assertThatThrownBy(() -> ChiSquare.assertDrawn("even", counts, even))
            .isInstanceOf(AssertionError.class);
      }
    }
  }

  @Test
  void histogramPairsAreDrawnEvenlyInEachBin() {
    // Positives at 1, 2, …, 30 and a negative at 31 from the one anchor, at 0.
    double[] places = new double[31];
    Arrays.setAll(places, i -> i + 1);
    long[] refLabels = new long[31];
    refLabels[30] = 1;
    try (TensorScope _ = TensorScope.open();
        Generator generator = new Generator(20)) {
      var miner =
          new UniformHistogramMiner(4, 3000, 7).with(new LpDistance(2, 1, false)).with(generator);
      Pairs found =
          (Pairs)
              miner.forward(
                  Tensor.of(new double[] {0}, 1, 1),
                  Relation.of(Tensor.of(new long[] {0}), Tensor.of(refLabels)),
                  Tensor.of(places, 31, 1));
      assertThat(found.negative().toLongArray()).containsExactly(30, 30, 30, 30, 30, 30, 30);
      long[] counts = new long[30];
      for (long p : found.positive().toLongArray()) {
        counts[(int) p]++;
      }
      // Bins of 7.25, from 1 on: 1 to 8, 9 to 15, 16 to 22, 23 to 30.
      int[] ends = {0, 8, 15, 22, 30};
      for (int bin = 0; bin < 4; bin++) {
        long[] inBin = Arrays.copyOfRange(counts, ends[bin], ends[bin + 1]);
        assertThat(Arrays.stream(inBin).sum()).isEqualTo(3000);
        double[] even = new double[inBin.length];
        Arrays.fill(even, 1);
        ChiSquare.assertDrawn("bin " + bin, inBin, even);
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameDrawsAndTheNextOnesDiffer() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor embeddings = tensor(sphere(new Random(4), LABELS.length, 4));
      Relation byLabels = Relation.of(Tensor.of(LABELS));
      for (Relation relation : new Relation[] {byLabels, mask(LABELS, LABELS)}) {
        sameBySeed(g -> MinerUtils.getRandomTripletIndices(relation, OptionalInt.of(9), g));
        sameBySeed(g -> new DistanceWeightedMiner(0.5, 2).with(g).forward(embeddings, relation));
        sameBySeed(g -> new UniformHistogramMiner(3, 9, 9).with(g).forward(embeddings, relation));
      }
    }
  }

  private static void sameBySeed(Function<Generator, IndexTuples> draw) {
    try (Generator one = new Generator(6);
        Generator other = new Generator(6)) {
      long[][] first = indices(draw.apply(one));
      assertThat(first).isDeepEqualTo(indices(draw.apply(other)));
      long[][] second = indices(draw.apply(one));
      assertThat(second).isDeepEqualTo(indices(draw.apply(other)));
      assertThat(Arrays.deepToString(second)).isNotEqualTo(Arrays.deepToString(first));
    }
  }

  private static long[][] indices(IndexTuples tuples) {
    return tuples.tensors().stream().map(Tensor::toLongArray).toArray(long[][]::new);
  }

  /** How often each positive came with each negative, of one anchor. */
  private static long[] counts(Triplets found, int anchor, int columns) {
    return counts(found, anchor, columns * columns, columns);
  }

  /** How often each negative came, of one anchor. */
  private static long[] negatives(Triplets found, int anchor, int columns) {
    return counts(found, anchor, columns, 0);
  }

  private static long[] counts(Triplets found, int anchor, int length, int perPositive) {
    long[] a = found.anchor().toLongArray();
    long[] p = found.positive().toLongArray();
    long[] n = found.negative().toLongArray();
    long[] counts = new long[length];
    for (int i = 0; i < a.length; i++) {
      if (a[i] == anchor) {
        counts[(int) (p[i] * perPositive + n[i])]++;
      }
    }
    return counts;
  }

  private static Relation mask(long[] labels, long[] refLabels) {
    boolean[] alike = new boolean[labels.length * refLabels.length];
    for (int i = 0; i < alike.length; i++) {
      alike[i] = labels[i / refLabels.length] == refLabels[i % refLabels.length];
    }
    return Relation.ofMask(Tensor.of(alike, labels.length, refLabels.length));
  }

  private static double[][] sphere(Random random, int rows, int columns) {
    double[][] points = new double[rows][columns];
    for (double[] point : points) {
      Arrays.setAll(point, _ -> random.nextGaussian());
      double norm = Math.sqrt(Arrays.stream(point).map(x -> x * x).sum());
      Arrays.setAll(point, i -> point[i] / norm);
    }
    return points;
  }

  private static double distance(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += (x[i] - y[i]) * (x[i] - y[i]);
    }
    return Math.sqrt(sum);
  }

  private static Tensor tensor(double[][] rows) {
    return Tensor.of(
        Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray(), rows.length, rows[0].length);
  }
}
