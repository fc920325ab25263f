package dev.tripoint.oracle;

import dev.tripoint.miner.HardNegatives;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Random scores with a mask of positives, and what a strategy finds in them, loop by loop. */
record Scores(long seed, int rows, int columns, double[] scores, boolean[] positive) {

  static Scores of(long seed) {
    Random random = new Random(seed * 31 + 7);
    int rows = random.nextInt(12);
    int columns = random.nextBoolean() ? rows : random.nextInt(15);
    boolean tied = random.nextInt(3) > 0;
    double density = random.nextInt(5) / 4.0;
    double[] scores = new double[rows * columns];
    boolean[] positive = new boolean[rows * columns];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = tied ? (random.nextInt(9) - 4) / 4.0 : (float) random.nextGaussian();
      positive[i] = random.nextDouble() < density;
    }
    return new Scores(seed, rows, columns, scores, positive);
  }

  static Scores large(long seed, int rows, int columns) {
    Random random = new Random(seed);
    double[] scores = new double[rows * columns];
    boolean[] positive = new boolean[rows * columns];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = random.nextInt(2001) / 1000.0 - 1;
      scores[i] = (float) scores[i];
      positive[i] = random.nextInt(500) == 0;
    }
    return new Scores(seed, rows, columns, scores, positive);
  }

  Tensor tensor(DType dtype) {
    return Tensor.of(scores, rows, columns).to(dtype).requiresGrad(true);
  }

  Tensor mask() {
    return Tensor.of(positive, rows, columns);
  }

  /** What is found: anchors, positives, negatives, and the count of those left without. */
  record Found(List<int[]> triplets, long without) {}

  Found find(HardNegatives rule) {
    List<int[]> triplets = new ArrayList<>();
    long without = 0;
    for (int a = 0; a < rows; a++) {
      for (int p : compared(rule, a)) {
        List<Integer> admitted = new ArrayList<>();
        for (int n = 0; n < columns; n++) {
          if (!positive[a * columns + n] && counts(rule, a, n) && admits(rule, a, p, n)) {
            admitted.add(n);
          }
        }
        if (admitted.isEmpty()) {
          without++;
        } else if (rule.all()) {
          for (int n : admitted) {
            triplets.add(new int[] {a, p, n});
          }
        } else {
          int best = admitted.getFirst();
          for (int n : admitted) {
            best = likeness(rule, a, n) > likeness(rule, a, best) ? n : best;
          }
          triplets.add(new int[] {a, p, best});
        }
      }
    }
    return new Found(triplets, without);
  }

  /** The positives of an anchor that each get a negative; per anchor, its least similar one. */
  private List<Integer> compared(HardNegatives rule, int a) {
    List<Integer> positives = new ArrayList<>();
    int least = -1;
    for (int p = 0; p < columns; p++) {
      if (positive[a * columns + p] && counts(rule, a, p)) {
        positives.add(p);
        least = least < 0 || likeness(rule, a, p) < likeness(rule, a, least) ? p : least;
      }
    }
    return rule.per() == HardNegatives.Per.ANCHOR && least >= 0 ? List.of(least) : positives;
  }

  private boolean counts(HardNegatives rule, int a, int j) {
    return rows != columns || rule.keepDiagonal() || a != j;
  }

  private double likeness(HardNegatives rule, int a, int j) {
    double s = scores[a * columns + j];
    return rule.distances() ? -s : s;
  }

  private boolean admits(HardNegatives rule, int a, int p, int n) {
    double gap = likeness(rule, a, p) - likeness(rule, a, n);
    return switch (rule.strategy()) {
      case HARDEST -> true;
      case HARD -> gap < 0;
      case SEMIHARD -> gap > 0 && (rule.margin() == null || gap < rule.margin());
      case EASY -> gap > (rule.margin() == null ? 0 : rule.margin());
    };
  }

  @Override
  public String toString() {
    return "seed %d, %d x %d".formatted(seed, rows, columns);
  }
}
