package dev.tripoint.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DigitsTest {
  @Test
  void hasTheKnownRows() {
    LabelledArrays digits = Digits.load();
    assertThat(digits.rows()).isEqualTo(1797);
    assertThat(digits.width()).isEqualTo(64);
    // The counts and the sum that scikit-learn's load_digits gives.
    long[] counts = new long[10];
    Arrays.stream(digits.labels()).forEach(label -> counts[(int) label]++);
    assertThat(counts).containsExactly(178, 182, 177, 183, 181, 182, 181, 179, 174, 180);
    double sum = 0;
    for (float[] row : digits.features()) {
      for (float pixel : row) {
        assertThat(pixel).isBetween(0f, 16f);
        sum += pixel;
      }
    }
    assertThat(sum).isEqualTo(561718);
    assertThat(Arrays.copyOf(digits.features()[0], 8)).containsExactly(0, 0, 5, 13, 9, 1, 0, 0);
  }

  @Test
  void theSplitIsAStratifiedHalf() {
    Split split = Digits.split();
    long[] labels = Digits.load().labels();
    assertThat(split.training()).hasSize(901).isSorted().doesNotHaveDuplicates();
    assertThat(
            IntStream.concat(Arrays.stream(split.training()), Arrays.stream(split.heldBack()))
                .sorted()
                .toArray())
        .isEqualTo(IntStream.range(0, 1797).toArray());
    for (long label = 0; label < 10; label++) {
      long wanted = label;
      long training = Arrays.stream(split.training()).filter(row -> labels[row] == wanted).count();
      long heldBack = Arrays.stream(split.heldBack()).filter(row -> labels[row] == wanted).count();
      assertThat(training - heldBack).isBetween(0L, 1L);
    }
  }

  @Test
  void theAlternatingSplitKeepsSingleRowsForTraining() {
    Split split = Split.alternating(new long[] {7, 5, 5, 5, 9, 9, 5});
    assertThat(split.training()).containsExactly(0, 1, 3, 4);
    assertThat(split.heldBack()).containsExactly(2, 5, 6);
  }
}
