package dev.tripoint.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class KMeansTest {
  @Test
  void fewRowsAreTheirOwnClusters() {
    double[][] rows = {{1, 2}, {3, 4}, {-1, 0}};
    for (int clusters = 3; clusters < 6; clusters++) {
      assertThat(Arrays.stream(new KMeans(0).cluster(rows, clusters)).distinct().count())
          .isEqualTo(3);
    }
    assertThat(new KMeans(0).cluster(new double[0][], 2)).isEmpty();
    assertThat(new KMeans(0).cluster(new double[][] {{5}}, 1)).hasSize(1);
  }

  @Test
  void equalRowsStayTogether() {
    double[][] rows = new double[20][];
    Arrays.setAll(rows, i -> new double[] {i % 2, 7});
    long[] found = new KMeans(3).cluster(rows, 5);
    for (int i = 0; i < 20; i++) {
      assertThat(found[i]).isEqualTo(found[i % 2]);
    }
    assertThat(found[0]).isNotEqualTo(found[1]);
  }

  @Test
  void hugeRowsAreClusteredLikeSmallOnes() {
    Random random = new Random(5);
    double[][] rows = new double[60][2];
    double[][] huge = new double[60][2];
    for (int i = 0; i < 60; i++) {
      for (int k = 0; k < 2; k++) {
        rows[i][k] = random.nextGaussian();
        huge[i][k] = Math.scalb(rows[i][k], 900);
      }
    }
    assertThat(new KMeans(1).cluster(huge, 4)).isEqualTo(new KMeans(1).cluster(rows, 4));
  }

  @Test
  void anEmptyClusterTakesTheFarthestRow() {
    // One step is too few to move rows, so every centre that was drawn keeps a row or takes one.
    for (long seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      double[][] rows = new double[12][1];
      Arrays.setAll(rows, _ -> new double[] {random.nextInt(200)});
      long distinct = Arrays.stream(rows).mapToDouble(row -> row[0]).distinct().count();
      assertThat(Arrays.stream(new KMeans(seed).cluster(rows, 8)).distinct().count())
          .isEqualTo(Math.min(8, distinct));
    }
  }

  @Test
  void needsAStep() {
    assertThatThrownBy(() -> new KMeans(0, 0)).hasMessageContaining("steps must be 1 or more");
  }
}
