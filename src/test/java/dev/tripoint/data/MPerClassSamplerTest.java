package dev.tripoint.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

  @Test
  void everyRowComesUpAboutEquallyWithinItsClass() {
    MPerClassSampler sampler = new MPerClassSampler(LABELS, 2, 12, 12_000, new Random(1));
    int[] counts = new int[LABELS.length];
    sampler.nextPass().forEach(batch -> Arrays.stream(batch).forEach(row -> counts[row]++));
    for (int row = 0; row < counts.length; row++) {
      double expected = 2000.0 / (LABELS[row] + 3);
      assertThat(counts[row]).isBetween((int) (0.8 * expected), (int) (1.2 * expected));
    }
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
