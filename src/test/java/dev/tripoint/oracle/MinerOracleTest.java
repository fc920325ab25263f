package dev.tripoint.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.compat.example.PairMiner;
import dev.tripoint.compat.example.TripletMiner;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.miner.BatchHardMiner;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.miner.PairMarginMiner;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.TripletMarginMiner;
import dev.tripoint.miner.Triplets;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Miners and index helpers against brute force, on the rows as they are. */
class MinerOracleTest {

  private static final Distance RAW = new LpDistance().withNormalizeEmbeddings(false);

  @ParameterizedTest
  @EnumSource(names = {"FLOAT64", "FLOAT32"})
  void batchHardMiner(DType dtype) {
    for (long seed = 0; seed < 400; seed++) {
      Batch b = Batch.of(seed);
      try (TensorScope scope = TensorScope.open()) {
        var found = new BatchHardMiner(RAW).forward(b.leaf(dtype), b.labelTensor());
        Agreement.triplets(
            b,
            (Triplets) found,
            Oracle.batchHardTriplets(b.rows(), b.labels(), b.rows(), b.labels(), true));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT64", "FLOAT32"})
  void batchHardMinerWithReferences(DType dtype) {
    for (long seed = 0; seed < 200; seed++) {
      Batch b = Batch.of(seed);
      Batch ref = Batch.of(seed + 8);
      int columns = Math.min(b.columns(), ref.columns());
      try (TensorScope scope = TensorScope.open()) {
        var found =
            new BatchHardMiner(RAW)
                .forward(
                    b.leaf(dtype).narrow(1, 0, columns).contiguous(),
                    b.labelTensor(),
                    ref.leaf(dtype).narrow(1, 0, columns).contiguous(),
                    ref.labelTensor());
        double[][] x = cut(b.rows(), columns);
        double[][] y = cut(ref.rows(), columns);
        Agreement.triplets(
            b, (Triplets) found, Oracle.batchHardTriplets(x, b.labels(), y, ref.labels(), false));
      }
    }
  }

  @Test
  void aLargeBatch() {
    Batch b = Batch.large(5, 2003, 8, 400);
    try (TensorScope scope = TensorScope.open()) {
      var found = new BatchHardMiner(RAW).forward(b.leaf(DType.FLOAT64), b.labelTensor());
      Agreement.triplets(
          b,
          (Triplets) found,
          Oracle.batchHardTriplets(b.rows(), b.labels(), b.rows(), b.labels(), true));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT64", "FLOAT32"})
  void tripletMiners(DType dtype) {
    for (long seed = 0; seed < 240; seed++) {
      Batch b = Batch.of(seed);
      double margin = 0.5 * (seed % 4);
      double[][] d = Oracle.matrix(b.rows(), false);
      for (TripletMarginMiner.Type type : TripletMarginMiner.Type.values()) {
        Predicate<int[]> wanted =
            t -> {
              double gap = d[t[0]][t[2]] - d[t[0]][t[1]];
              return switch (type) {
                case ALL -> gap <= margin;
                case HARD -> gap <= Math.min(0, margin);
                case SEMIHARD -> gap > 0 && gap <= margin;
                case EASY -> gap > margin;
              };
            };
        try (TensorScope scope = TensorScope.open()) {
          var found =
              new TripletMarginMiner(margin, type, RAW).forward(b.leaf(dtype), b.labelTensor());
          List<int[]> expected = Oracle.triplets(b.labels()).stream().filter(wanted).toList();
          Agreement.triplets(b + " " + type, (Triplets) found, expected);
          if (type == TripletMarginMiner.Type.ALL) {
            var example = new TripletMiner(margin, RAW).forward(b.leaf(dtype), b.labelTensor());
            Agreement.triplets(b + " example", (Triplets) example, expected);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT64", "FLOAT32"})
  void pairMiners(DType dtype) {
    for (long seed = 0; seed < 240; seed++) {
      Batch b = Batch.of(seed);
      double far = 0.5 * (seed % 5);
      double near = 0.5 * (seed % 7);
      try (TensorScope scope = TensorScope.open()) {
        pairs(
            b,
            far,
            near,
            new PairMarginMiner(far, near, RAW).forward(b.leaf(dtype), b.labelTensor()));
        pairs(b, far, far, new PairMiner(far, RAW).forward(b.leaf(dtype), b.labelTensor()));
      }
    }
  }

  @Test
  void allPairsAndTriplets() {
    for (long seed = 0; seed < 240; seed++) {
      Batch b = Batch.of(seed);
      try (TensorScope scope = TensorScope.open()) {
        List<int[]> expected = Oracle.triplets(b.labels());
        Agreement.triplets(b, MinerUtils.getAllTripletsIndices(b.labelTensor(), null), expected);
        Pairs pairs = MinerUtils.getAllPairsIndices(b.labelTensor(), null);
        Agreement.triplets(
            b, MinerUtils.convertToTriplets(pairs, null, OptionalInt.empty(), null), expected);
      }
    }
  }

  @Test
  void allTripletsOfALargeBatch() {
    Batch b = Batch.large(6, 1500, 1, 700);
    try (TensorScope scope = TensorScope.open()) {
      Triplets found = MinerUtils.getAllTripletsIndices(b.labelTensor(), null);
      Agreement.triplets(b, found, Oracle.triplets(b.labels()));
    }
  }

  @Test
  void randomTripletsAreTripletsOfTheirAnchors() {
    for (long seed = 0; seed < 200; seed++) {
      Batch b = Batch.of(seed);
      int each = 1 + (int) (seed % 5);
      try (TensorScope scope = TensorScope.open()) {
        Triplets found =
            MinerUtils.getRandomTripletIndices(b.labelTensor(), null, OptionalInt.of(each), null);
        List<List<Integer>> all =
            Oracle.triplets(b.labels()).stream().map(t -> List.of(t[0], t[1], t[2])).toList();
        long anchors = all.stream().map(List::getFirst).distinct().count();
        assertThat(found.count()).as("%s", b).isEqualTo(anchors * each);
        assertThat(rows(found)).as("%s", b).isSubsetOf(all);
      }
    }
  }

  private static List<List<Integer>> rows(Triplets t) {
    long[] a = t.anchor().toLongArray();
    long[] p = t.positive().toLongArray();
    long[] n = t.negative().toLongArray();
    List<List<Integer>> rows = new ArrayList<>();
    for (int i = 0; i < a.length; i++) {
      rows.add(List.of((int) a[i], (int) p[i], (int) n[i]));
    }
    return rows;
  }

  private static void pairs(Batch b, double far, double near, Object found) {
    List<int[]> positive = new ArrayList<>();
    List<int[]> negative = new ArrayList<>();
    for (int i = 0; i < b.size(); i++) {
      for (int j = 0; j < b.size(); j++) {
        double d = Oracle.distance(b.rows()[i], b.rows()[j], false);
        boolean same = b.labels()[i] == b.labels()[j];
        if (same && i != j && d > far) {
          positive.add(new int[] {i, j});
        } else if (!same && d < near) {
          negative.add(new int[] {i, j});
        }
      }
    }
    Pairs pairs = (Pairs) found;
    Agreement.column(b, "anchorPositive", pairs.anchorPositive(), positive, 0);
    Agreement.column(b, "positive", pairs.positive(), positive, 1);
    Agreement.column(b, "anchorNegative", pairs.anchorNegative(), negative, 0);
    Agreement.column(b, "negative", pairs.negative(), negative, 1);
  }

  private static double[][] cut(double[][] rows, int columns) {
    double[][] cut = new double[rows.length][];
    for (int i = 0; i < rows.length; i++) {
      cut[i] = java.util.Arrays.copyOf(rows[i], columns);
    }
    return cut;
  }
}
