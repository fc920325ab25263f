package dev.tripoint.eval;

import dev.tripoint.tensor.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How well similarities agree with what people say: {@code EmbeddingSimilarityEvaluator} of
 * sentence-transformers 6.2 over matrices.
 *
 * @param similarity what is compared; cosine by default. Distances are negated
 */
public record EmbeddingSimilarityEvaluator(SimilarityFunction similarity) {

  /**
   * The measures, each in [-1, 1]; NaN where one side is constant or has fewer than two values.
   *
   * @param pearson the correlation of the values
   * @param spearman the correlation of their ranks, equal values sharing the mean of theirs
   */
  public record Measures(double pearson, double spearman) {}

  /** By cosine. */
  public EmbeddingSimilarityEvaluator() {
    this(SimilarityFunction.COSINE);
  }

  /**
   * Measures.
   *
   * @param left floats, [N, D], finite
   * @param right floats, [N, D], finite
   * @param gold how similar row i of both is, by another judgement; great is similar
   * @throws IllegalArgumentException if shapes do not fit, or a value is NaN or infinite
   */
  public Measures evaluate(Tensor left, Tensor right, double[] gold) {
    double[] scores = PairScores.of(similarity, left, right);
    if (!similarity.isSimilarity()) {
      scores = Arrays.stream(scores).map(score -> -score).toArray();
    }
    return new Measures(pearson(scores, gold), pearson(ranks(scores), ranks(gold)));
  }

  /** The correlation of two lists of equal length. */
  static double pearson(double[] x, double[] y) {
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "%d scores and %d judgements".formatted(x.length, y.length));
    }
    double[] a = centred(x);
    double[] b = centred(y);
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return Double.isNaN(sum) || a.length < 2 ? Double.NaN : Math.clamp(sum, -1, 1);
  }

  /** Less the mean, over the norm; NaN where all are equal. */
  private static double[] centred(double[] values) {
    if (Arrays.stream(values).allMatch(value -> value == values[0])) {
      return Arrays.stream(values).map(_ -> Double.NaN).toArray();
    }
    double mean = Arrays.stream(values).average().orElse(0);
    double[] less = Arrays.stream(values).map(value -> value - mean).toArray();
    double norm = Math.sqrt(Arrays.stream(less).map(value -> value * value).sum());
    return Arrays.stream(less).map(value -> value / norm).toArray();
  }

  private static double[] ranks(double[] values) {
    int[] order =
        IntStream.range(0, values.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> values[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] ranks = new double[values.length];
    for (int from = 0; from < order.length; ) {
      int to = from + 1;
      while (to < order.length && values[order[to]] == values[order[from]]) {
        to++;
      }
      for (int i = from; i < to; i++) {
        ranks[order[i]] = (from + 1 + to) / 2.0;
      }
      from = to;
    }
    return ranks;
  }
}
