package dev.tripoint.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RankingTest {
  /** The first places are those of all scores, sorted by (score, index). */
  @ParameterizedTest
  @EnumSource
  void theFirstPlacesAreThoseOfAllScores(SimilarityFunction by) {
    for (long seed = 0; seed < 12; seed++) {
      Random random = new Random(seed);
      // Beyond 1,024 references the operator screens.
      int count = seed % 3 == 0 ? 1100 + random.nextInt(300) : 40 + random.nextInt(200);
      int width = 8 + random.nextInt(20);
      boolean included = random.nextBoolean();
      float[][] references = rows(by, random, count, width);
      float[][] queries = included ? references : rows(by, random, 1 + random.nextInt(60), width);
      RowSource asked = RowSource.of("queries", queries);
      RowSource corpus = included ? asked : RowSource.of("references", references);
      Ranking ranking = Ranking.of(by, asked, corpus);
      int depth = 1 + random.nextInt(count / 5);
      int[][] relevant = new int[queries.length][];
      for (int query = 0; query < queries.length; query++) {
        relevant[query] = random.ints(random.nextInt(20), 0, count).distinct().sorted().toArray();
      }
      int[][] all = new int[queries.length][];
      ranking.forEachQuery(
          count, included, query -> relevant[query], (query, places) -> all[query] = places);
      int[][] first = new int[queries.length][];
      ranking.forEachQuery(
          depth, included, query -> relevant[query], (query, places) -> first[query] = places);
      for (int query = 0; query < queries.length; query++) {
        if (relevant[query].length == 0) {
          assertThat(first[query]).isNull();
          continue;
        }
        assertThat(upTo(depth, first[query]))
            .as("seed %d, query %d", seed, query)
            .isEqualTo(upTo(depth, all[query]));
      }
    }
  }

  private static int[] upTo(int depth, int[] places) {
    return Arrays.stream(places).map(place -> Math.min(place, depth + 1)).toArray();
  }

  /** Some rows are equal, some are long, some are zeros where they do not tie by rounding alone. */
  private static float[][] rows(SimilarityFunction by, Random random, int count, int width) {
    float[][] rows = new float[count][width];
    for (int i = 0; i < count; i++) {
      int kind =
          by == SimilarityFunction.NORMALIZED_EUCLIDEAN
              ? 1 + random.nextInt(9)
              : random.nextInt(10);
      for (int k = 0; k < width && kind > 0; k++) {
        rows[i][k] =
            kind == 1 && i > 0
                ? rows[i - 1][k]
                : (float) random.nextGaussian() * (kind == 2 ? 1e3f : 1);
      }
    }
    return rows;
  }
}
