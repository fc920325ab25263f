package dev.tripoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.oracle.ChiSquare;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MPerClassSamplerTest {
  /** Classes 0 to 5 with 3, 4, …, 8 rows. */
  private static final long[] LABELS = ragged();

  @Test
  void everyBatchHasMRowsOfEachOfItsClasses() {
    for (long seed = 0; seed < 50; seed++) {
      MPerClassSampler sampler = new MPerClassSampler(LABELS, 4, 12, 100, new Random(seed));
      assertThat(sampler.length()).isEqualTo(96);
      List<int[]> pass = sampler.nextPass();
      assertThat(pass).hasSize(8);
      for (int[] batch : pass) {
        assertThat(batch).hasSize(12);
        Set<Long> classes = new HashSet<>();
        for (int from = 0; from < 12; from += 4) {
          int[] rows = Arrays.copyOfRange(batch, from, from + 4);
          long label = LABELS[rows[0]];
          classes.add(label);
          assertThat(Arrays.stream(rows).allMatch(row -> LABELS[row] == label))
              .as("seed %d", seed)
              .isTrue();
          // Class 0 has three rows only: drawn with replacement. The others without.
          if (label != 0) {
            assertThat(rows).as("seed %d", seed).doesNotHaveDuplicates();
          }
        }
        assertThat(classes).as("seed %d", seed).hasSize(3);
      }
    }
  }

  @Test
  void theSameSeedGivesTheSameRowsAndPassesDiffer() {
    MPerClassSampler one = new MPerClassSampler(LABELS, 2, 6, 60, new Random(5));
    MPerClassSampler other = new MPerClassSampler(LABELS, 2, 6, 60, new Random(5));
    List<int[]> first = one.nextPass();
    assertThat(first).usingRecursiveComparison().isEqualTo(other.nextPass());
    List<int[]> second = one.nextPass();
    assertThat(second).usingRecursiveComparison().isEqualTo(other.nextPass());
    assertThat(Arrays.deepToString(first.toArray()))
        .isNotEqualTo(Arrays.deepToString(second.toArray()));
  }

  /** As in the source: each set of classes is equally likely, and so is each row of a class. */
  @Test
  void classesAndRowsAreDrawnEvenly() {
    MPerClassSampler sampler = new MPerClassSampler(LABELS, 4, 8, 160_000, new Random(1));
    long[] pairs = new long[36];
    long[] rows = new long[LABELS.length];
    long[] sets = new long[1 << 7];
    for (int[] batch : sampler.nextPass()) {
      pairs[(int) (6 * LABELS[batch[0]] + LABELS[batch[4]])]++;
      for (int from = 0; from < 8; from += 4) {
        int set = 0;
        for (int row : Arrays.copyOfRange(batch, from, from + 4)) {
          rows[row]++;
          if (LABELS[row] == 4) {
            set |= 1 << (row - 18);
          }
        }
        sets[set] += set == 0 ? 0 : 1;
      }
    }
    double[] twoClasses = new double[36];
    for (int i = 0; i < 36; i++) {
      twoClasses[i] = i / 6 == i % 6 ? 0 : 1;
    }
    ChiSquare.assertDrawn("two classes", pairs, twoClasses);
    for (int c = 0; c < 6; c++) {
      int first = 3 * c + c * (c - 1) / 2;
      double[] even = new double[c + 3];
      Arrays.fill(even, 1);
      ChiSquare.assertDrawn("class " + c, Arrays.copyOfRange(rows, first, first + c + 3), even);
    }
    double[] fours = new double[1 << 7];
    for (int set = 0; set < fours.length; set++) {
      fours[set] = Integer.bitCount(set) == 4 ? 1 : 0;
    }
    ChiSquare.assertDrawn("four of seven rows", sets, fours);
  }

  @Test
  void allClassesAtOnce() {
    MPerClassSampler sampler = MPerClassSampler.ofAllClasses(LABELS, 3, 40, new Random(0));
    assertThat(sampler.length()).isEqualTo(36);
    assertThat(sampler.nextPass()).hasSize(2).allMatch(batch -> batch.length == 18);
    assertThat(MPerClassSampler.ofAllClasses(LABELS, 3, 5, new Random(0)).nextPass()).hasSize(1);
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    refused(0, 12, 100, "m is 0");
    refused(5, 12, 100, "multiple of m");
    refused(4, 0, 100, "multiple of m");
    refused(2, 14, 100, "at most m × the number of classes, 12");
    refused(2, 12, 11, "lengthBeforeNewIter is 11");
  }

  private static void refused(int m, int batchSize, int length, String reason) {
    assertThatThrownBy(() -> new MPerClassSampler(LABELS, m, batchSize, length, new Random(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  private static long[] ragged() {
    long[] labels = new long[3 + 4 + 5 + 6 + 7 + 8];
    int at = 0;
    for (int c = 0; c < 6; c++) {
      for (int i = 0; i < c + 3; i++) {
        labels[at++] = c;
      }
    }
    return labels;
  }
}
