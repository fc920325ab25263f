package dev.tripoint.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.eval.AccuracyCalculator;
import dev.tripoint.eval.EpochTrace;
import dev.tripoint.eval.RunRecord;
import java.io.StringReader;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class HtmlReportTest {
  @Test
  void isOnePageWithoutScriptsAndNetwork() throws Exception {
    for (int classes : new int[] {3, 10, 25}) {
      for (int side : new int[] {8, 0}) {
        String page = HtmlReport.render(run(classes, side));
        assertThat(page)
            .startsWith("<!DOCTYPE html>")
            .doesNotContain("<script", "{{", "%s", "%d", "NaN");
        assertThat(page.replace("http://www.w3.org/2000/svg", ""))
            .doesNotContain("http:", "https:", "//", "@import", "url(");
        var pictures = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL).matcher(page);
        int count = 0;
        while (pictures.find()) {
          count++;
          DocumentBuilderFactory.newInstance()
              .newDocumentBuilder()
              .parse(new InputSource(new StringReader(pictures.group())));
        }
        assertThat(count).isEqualTo(7);
        assertThat(page.contains("data:image/png")).isEqualTo(side > 0);
      }
    }
  }

  @Test
  void textFromOutsideIsEscaped() {
    RunRecord run = run(3, 0);
    String page = HtmlReport.render(run);
    assertThat(page).contains("&lt;b&gt;.npy").doesNotContain("<b>.npy");
  }

  @Test
  void theTwoDirectionsHoldMostOfTheVariance() {
    Random random = new Random(5);
    float[][] rows = new float[200][4];
    for (float[] row : rows) {
      float u = (float) random.nextGaussian();
      float v = (float) random.nextGaussian();
      row[0] = 3 * u + 1;
      row[1] = 2 * v;
      row[2] = 3 * u;
      row[3] = 0.01f * (float) random.nextGaussian();
    }
    Pca pca = Pca.of(rows);
    assertThat(pca.kept()).isBetween(0.999, 1.0);
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < i; j++) {
        double plane =
            Math.hypot(
                pca.points()[i][0] - pca.points()[j][0], pca.points()[i][1] - pca.points()[j][1]);
        assertThat(plane).isCloseTo(Distances.distance(rows[i], rows[j]), within(0.1));
      }
    }
    assertThat(Pca.of(new float[][] {{1}, {3}}).kept()).isEqualTo(1);
    assertThat(Pca.of(new float[][] {{2, 2}, {2, 2}}).kept()).isEqualTo(1);
  }

  @Test
  void separationIsTheShareOfOrderedPairs() {
    Random random = new Random(9);
    for (int round = 0; round < 50; round++) {
      double[] same =
          random.ints(1 + random.nextInt(20), 0, 10).asDoubleStream().sorted().toArray();
      double[] different =
          random.ints(1 + random.nextInt(20), 0, 10).asDoubleStream().sorted().toArray();
      double wins = 0;
      for (double s : same) {
        for (double d : different) {
          wins += s < d ? 1 : s == d ? 0.5 : 0;
        }
      }
      assertThat(new Distances(same, different).separation())
          .isCloseTo(wins / (same.length * different.length), within(1e-12));
    }
  }

  @Test
  void theWorstMistakeComesFirst() {
    float[][] rows = {{1, 0}, {1, 0.1f}, {0, 1}, {0.1f, 1}, {1, 0.05f}};
    List<Mistake> all = Mistake.worstFirst(rows, new long[] {0, 0, 1, 1, 1});
    assertThat(all.getFirst().row()).isEqualTo(4);
    assertThat(all.getFirst().isWrong()).isTrue();
    assertThat(all.getLast().isWrong()).isFalse();
  }

  @Test
  void axesHaveRoundMarks() {
    assertThat(new Axis(0, 1, 0, 100).marks(4)).containsExactly(0.0, 0.5, 1.0);
    assertThat(new Axis(1, 100, 0, 100).marks(4)).containsExactly(50.0, 100.0);
    assertThat(Axis.name(0.25)).isEqualTo("0.25");
    assertThat(Axis.roundUp(0.43)).isEqualTo(0.5);
  }

  private static RunRecord run(int classes, int side) {
    Random random = new Random(classes);
    int n = 120;
    float[][] features = new float[n][64];
    float[][] before = new float[n][6];
    float[][] after = new float[n][6];
    long[] labels = new long[n];
    for (int i = 0; i < n; i++) {
      labels[i] = i % classes;
      for (int k = 0; k < 64; k++) {
        features[i][k] = random.nextInt(17);
      }
      for (int k = 0; k < 6; k++) {
        before[i][k] = (float) random.nextGaussian() / 3;
        after[i][k] = (float) ((labels[i] % 6 == k ? 1 : 0) + 0.2 * random.nextGaussian());
      }
    }
    int[] rows = new int[n];
    Arrays.setAll(rows, i -> 2 * i);
    return new RunRecord(
        "<b>.npy",
        Map.of("loss", "a & b"),
        List.of(new EpochTrace(1, 0.5, 0.9, 0.5, 1e-3), new EpochTrace(2, 0.4, 0.5, 0.6, 1e-4)),
        List.of("careful"),
        AccuracyCalculator.of(features, labels),
        AccuracyCalculator.of(before, labels),
        AccuracyCalculator.of(after, labels),
        rows,
        labels,
        features,
        before,
        after,
        130,
        side,
        Duration.ofSeconds(3));
  }
}
