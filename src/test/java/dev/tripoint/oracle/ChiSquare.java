package dev.tripoint.oracle;

import static org.assertj.core.api.Assertions.assertThat;

/** Whether draws have the distribution that they should have. */
public final class ChiSquare {

  /** Deviations of a normal distribution: draws that are right fail once in 30,000 times. */
  private static final double DEVIATIONS = 4;

  private ChiSquare() {}

  /**
   * Pearson's statistic of counts, where it may be at most its quantile at {@link #DEVIATIONS}.
   *
   * @param what names the draws in a failure
   * @param counts how often each was drawn; enough that 5 or more are expected of each
   * @param weights what each is drawn with, of any sum; 0 for what must never come
   */
  public static void assertDrawn(String what, long[] counts, double[] weights) {
    assertThat(counts).as(what).hasSameSizeAs(weights);
    long draws = 0;
    double sum = 0;
    for (int i = 0; i < counts.length; i++) {
      draws += counts[i];
      sum += weights[i];
    }
    double statistic = 0;
    int possible = 0;
    for (int i = 0; i < counts.length; i++) {
      if (weights[i] == 0) {
        assertThat(counts[i]).as("%s: %d has no weight", what, i).isZero();
        continue;
      }
      double expected = draws * weights[i] / sum;
      assertThat(expected).as("%s: draws expected of %d", what, i).isGreaterThanOrEqualTo(5);
      statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
      possible++;
    }
    assertThat(statistic)
        .as("%s: statistic of %d draws among %d", what, draws, possible)
        .isLessThanOrEqualTo(quantile(possible - 1));
  }

  /** By Wilson and Hilferty's approximation. */
  private static double quantile(int freedom) {
    if (freedom == 0) {
      return 0;
    }
    double spread = 2.0 / (9 * freedom);
    return freedom * Math.pow(1 - spread + DEVIATIONS * Math.sqrt(spread), 3);
  }
}
