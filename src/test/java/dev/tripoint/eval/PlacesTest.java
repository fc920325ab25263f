package dev.tripoint.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlacesTest {
  @Test
  void agreesWithAStableSort() {
    for (long seed = 0; seed < 2000; seed++) {
      Random random = new Random(seed);
      double[] scores = new double[1 + random.nextInt(40)];
      int kinds = 1 + random.nextInt(40);
      Arrays.setAll(scores, _ -> (random.nextBoolean() ? 1 : -1) * (double) random.nextInt(kinds));
      double share = random.nextDouble();
      int[] relevant =
          IntStream.range(0, scores.length).filter(_ -> random.nextDouble() < share).toArray();
      int excluded = random.nextInt(scores.length + 1) - 1;
      List<Integer> order =
          IntStream.range(0, scores.length)
              .filter(i -> i != excluded)
              .boxed()
              // 0 and -0 are equal.
              .sorted(Comparator.comparingDouble((Integer i) -> 0.0 - scores[i]))
              .toList();
      assertThat(Places.of(scores, relevant, excluded))
          .as("seed %d", seed)
          .isEqualTo(
              Arrays.stream(relevant)
                  .filter(i -> i != excluded)
                  .map(i -> order.indexOf(i) + 1)
                  .sorted()
                  .toArray());
    }
  }
}
