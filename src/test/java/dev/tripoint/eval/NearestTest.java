package dev.tripoint.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NearestTest {
  @Test
  void agreesWithAStableSort() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      double[] values = new double[1 + random.nextInt(60)];
      int kinds = 1 + random.nextInt(60);
      Arrays.setAll(values, _ -> random.nextInt(kinds));
      values[random.nextInt(values.length)] = Double.NEGATIVE_INFINITY;
      Integer[] order = IntStream.range(0, values.length).boxed().toArray(Integer[]::new);
      Arrays.sort(order, Comparator.comparingDouble(i -> -values[i]));
      for (int count = 0; count <= values.length; count++) {
        assertThat(Nearest.first(values, count))
            .as("seed %d, count %d", seed, count)
            .isEqualTo(Arrays.stream(order, 0, count).mapToInt(i -> i).toArray());
      }
    }
  }
}
