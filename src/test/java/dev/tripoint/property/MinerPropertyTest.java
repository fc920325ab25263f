package dev.tripoint.property;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.property.Specimen.Choice;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every miner that the catalogue has. */
class MinerPropertyTest {

  /**
   * Pairs or triplets: positives (anchor, positive), negatives (anchor, negative), or all three.
   */
  private record Found(
      List<List<Long>> positives, List<List<Long>> negatives, List<List<Long>> all) {

    static Found of(IndexTuples tuples) {
      return switch (tuples) {
        case Triplets t -> {
          long[] a = t.anchor().toLongArray();
          long[] p = t.positive().toLongArray();
          long[] n = t.negative().toLongArray();
          yield new Found(columns(a, p), columns(a, n), columns(a, p, n));
        }
        case Pairs p -> {
          var positives = columns(p.anchorPositive().toLongArray(), p.positive().toLongArray());
          var negatives = columns(p.anchorNegative().toLongArray(), p.negative().toLongArray());
          yield new Found(positives, negatives, List.of());
        }
      };
    }

    private static List<List<Long>> columns(long[]... columns) {
      return IntStream.range(0, columns[0].length)
          .mapToObj(i -> Arrays.stream(columns).map(column -> column[i]).toList())
          .toList();
    }

    /** As sets, row i of each being row order[i]; positives and negatives are references. */
    String text(int[] order, int[] refOrder) {
      StringBuilder text = new StringBuilder();
      for (List<List<Long>> tuples : List.of(positives, negatives, all)) {
        TreeSet<String> named = new TreeSet<>();
        for (List<Long> tuple : tuples) {
          StringBuilder one = new StringBuilder("(" + order[tuple.getFirst().intValue()]);
          tuple.stream().skip(1).forEach(i -> one.append(' ').append(refOrder[i.intValue()]));
          named.add(one.append(')').toString());
        }
        text.append(named);
      }
      return text.toString();
    }

    String text() {
      int[] same = IntStream.range(0, 1000).toArray();
      return text(same, same);
    }
  }

  static Stream<Specimen> miners() {
    return Specimen.miners();
  }

  static Stream<Specimen> ofDirections() {
    return miners()
        .flatMap(each ->
            each.with(
                new Choice("pml.LpDistance"),
                new Choice("pml.CosineSimilarity"),
                new Choice("cosine")));
  }

  static Stream<Specimen> ofDifferences() {
    return miners()
        .flatMap(each ->
            each.with(
                new Choice("pml.LpDistance", "normalize_embeddings=false"),
                new Choice("euclidean")));
  }

  @Test
  void thereAreMinersOfEveryKind() {
    assertThat(ofDirections().map(Specimen::name).distinct().count()).isGreaterThan(5);
    assertThat(ofDifferences().map(Specimen::name).distinct().count()).isGreaterThan(5);
    assertThat(miners().map(Specimen::name)).containsAll(Exceptions.ofMiners());
  }

  @ParameterizedTest
  @MethodSource("miners")
  void permutingTheBatchPermutesTheTuples(Specimen specimen) {
    Exceptions.check(
        Exceptions.MINED_ORDER,
        specimen,
        Samples.violation(
            specimen,
            (sample, references) -> {
              int[] order = sample.order(1);
              int[] refOrder = references ? sample.order(2) : order;
              return differs(
                  mine(specimen, sample.permuted(order, refOrder), references, DType.FLOAT64)
                      .text(order, refOrder),
                  mine(specimen, sample, references, DType.FLOAT64).text());
            }));
  }

  @ParameterizedTest
  @MethodSource("miners")
  void aMaskIsWorthTheLabelsThatMakeIt(Specimen specimen) {
    Exceptions.check(
        Exceptions.MINED_MASK,
        specimen,
        Samples.violation(
            specimen,
            (sample, references) ->
                differs(
                    byMask(specimen, sample, references, null).text(),
                    mine(specimen, sample, references, DType.FLOAT64).text())));
  }

  /** Whatever is mined is a positive or a negative, and no row of itself; nothing ignored is. */
  @ParameterizedTest
  @MethodSource("miners")
  void tuplesAreOfTheRelation(Specimen specimen) {
    Exceptions.check(
        Exceptions.MINED_RELATION,
        specimen,
        Samples.violation(
            specimen,
            (sample, references) -> {
              int rows = sample.size();
              boolean[] ignored = new boolean[rows * rows];
              Random random = new Random(sample.seed());
              for (int i = 0; i < ignored.length; i++) {
                ignored[i] = random.nextInt(3) == 0;
              }
              Found found = byMask(specimen, sample, references, ignored);
              long[] columns = references ? sample.refLabels() : sample.labels();
              for (boolean positive : new boolean[] {true, false}) {
                for (List<Long> pair : positive ? found.positives : found.negatives) {
                  int i = pair.getFirst().intValue();
                  int j = pair.getLast().intValue();
                  boolean same = sample.labels()[i] == columns[j];
                  boolean self = !references && i == j;
                  if (same != positive || self || ignored[i * rows + j]) {
                    return (positive ? "positive " : "negative ") + pair;
                  }
                }
              }
              return null;
            }));
  }

  @ParameterizedTest
  @MethodSource("ofDirections")
  void directionsAloneCount(Specimen specimen) {
    Exceptions.check(
        Exceptions.MINED_SCALE,
        specimen,
        Samples.violation(
            specimen,
            (sample, references) -> {
              double[] random = new Random(sample.seed()).doubles(sample.size(), 0.5, 2).toArray();
              IntToDoubleFunction factor = i -> random[i];
              return differs(
                  mine(specimen, sample.scaled(factor), references, DType.FLOAT64).text(),
                  mine(specimen, sample, references, DType.FLOAT64).text());
            }));
  }

  @ParameterizedTest
  @MethodSource("ofDifferences")
  void differencesAloneCount(Specimen specimen) {
    Exceptions.check(
        Exceptions.MINED_SHIFT,
        specimen,
        Samples.violation(
            specimen,
            (sample, references) ->
                differs(
                    mine(specimen, sample.shifted(0.75), references, DType.FLOAT64).text(),
                    mine(specimen, sample, references, DType.FLOAT64).text())));
  }

  /** Rounding may decide otherwise than in single precision, but it always decides. */
  @ParameterizedTest
  @MethodSource("miners")
  void halfPrecisionIsMined(Specimen specimen) {
    for (DType half : new DType[] {DType.FLOAT16, DType.BFLOAT16}) {
      int[] tuples = {0, 0};
      Samples.violation(
          specimen,
          (sample, references) -> {
            tuples[0] += mine(specimen, sample, references, half).text().length();
            tuples[1] += mine(specimen, sample, references, DType.FLOAT32).text().length();
            return null;
          });
      assertThat(tuples[0])
          .as("%s in %s", specimen, half)
          .isBetween((int) (0.6 * tuples[1]), (int) (1.6 * tuples[1]));
    }
  }

  private static @Nullable String differs(String ours, String theirs) {
    return ours.equals(theirs) ? null : ours + " for " + theirs;
  }

  private static Found byMask(
      Specimen specimen, Sample sample, boolean references, boolean @Nullable [] ignored) {
    try (TensorScope _ = TensorScope.open()) {
      return mine(specimen, sample, sample.masks(references, ignored), references, DType.FLOAT64);
    }
  }

  private static Found mine(Specimen specimen, Sample sample, boolean references, DType dtype) {
    try (TensorScope _ = TensorScope.open()) {
      return mine(specimen, sample, sample.relation(references), references, dtype);
    }
  }

  private static Found mine(
      Specimen specimen, Sample sample, Relation relation, boolean references, DType dtype) {
    try (TensorScope _ = TensorScope.open()) {
      LibTorch.manualSeed(11);
      return Found.of(
          specimen
              .miner()
              .forward(
                  sample.embeddings(dtype),
                  relation,
                  references ? sample.references(dtype) : null));
    }
  }
}
