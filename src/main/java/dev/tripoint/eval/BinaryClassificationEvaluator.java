package dev.tripoint.eval;

import dev.tripoint.tensor.Tensor;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How well a threshold tells similar pairs from others: {@code BinaryClassificationEvaluator} of
 * sentence-transformers 6.2 over matrices.
 *
 * @param similarity what is compared with the threshold; cosine by default
 */
public record BinaryClassificationEvaluator(SimilarityFunction similarity) {

  /**
   * The measures, by the source's names. Thresholds lie half way between two scores; distances are
   * similar at or below them.
   *
   * @param accuracy the greatest share of pairs that a threshold tells right
   * @param accuracyThreshold the one that does
   * @param f1 the greatest F1; 0 where no pair is similar
   * @param f1Threshold the one that gives it; 0 where none does
   * @param precision at that threshold
   * @param recall at that threshold
   * @param ap average precision over all thresholds
   * @param mcc Matthews' correlation at the threshold of F1; 0 where it has none
   */
  public record Measures(
      double accuracy,
      double accuracyThreshold,
      double f1,
      double f1Threshold,
      double precision,
      double recall,
      double ap,
      double mcc) {}

  /** By cosine. */
  public BinaryClassificationEvaluator() {
    this(SimilarityFunction.COSINE);
  }

  /**
   * Measures.
   *
   * @param left floats, [N, D], finite
   * @param right floats, [N, D], finite
   * @param labels whether row i of both is a similar pair
   * @throws IllegalArgumentException if there is no pair, shapes do not fit, or a value is NaN or
   *     infinite
   */
  public Measures evaluate(Tensor left, Tensor right, boolean[] labels) {
    return measures(PairScores.of(similarity, left, right), labels, similarity.isSimilarity());
  }

  /**
   * Measures scores.
   *
   * @param scores [N], without NaN
   * @param labels whether pair i is similar
   * @param greatIsSimilar false for distances
   */
  public static Measures measures(double[] scores, boolean[] labels, boolean greatIsSimilar) {
    if (scores.length != labels.length || scores.length == 0) {
      throw new IllegalArgumentException(
          "%d scores and %d labels, expected one each and one at least"
              .formatted(scores.length, labels.length));
    }
    int sign = greatIsSimilar ? 1 : -1;
    int[] order =
        IntStream.range(0, scores.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -sign * scores[i]))
            .mapToInt(Integer::intValue)
            .toArray();
    double[] sorted = Arrays.stream(order).mapToDouble(i -> scores[i]).toArray();
    int positives = (int) IntStream.range(0, labels.length).filter(i -> labels[i]).count();
    int negatives = labels.length - positives;

    double accuracy = (double) negatives / labels.length;
    double accuracyThreshold = greatIsSimilar ? Math.nextUp(sorted[0]) : Math.nextDown(sorted[0]);
    double f1 = 0;
    double f1Threshold = 0;
    double precision = 0;
    double recall = 0;
    double ap = 0;
    int hits = 0;
    int hitsBefore = 0;
    for (int i = 0; i < sorted.length; i++) {
      hits += labels[order[i]] ? 1 : 0;
      boolean last = i == sorted.length - 1;
      if (!last && sorted[i] == sorted[i + 1]) {
        continue;
      }
      double threshold = last ? sorted[i] : between(sorted[i], sorted[i + 1]);
      int misses = i + 1 - hits;
      double right = (double) (hits + negatives - misses) / labels.length;
      if (right > accuracy) {
        accuracy = right;
        accuracyThreshold = threshold;
      }
      double precisionHere = (double) hits / (i + 1);
      double recallHere = positives == 0 ? 0 : (double) hits / positives;
      double f1Here = hits == 0 ? 0 : 2 * precisionHere * recallHere / (precisionHere + recallHere);
      if (f1Here > f1) {
        f1 = f1Here;
        f1Threshold = threshold;
        precision = precisionHere;
        recall = recallHere;
      }
      ap += positives == 0 ? 0 : (double) (hits - hitsBefore) / positives * precisionHere;
      hitsBefore = hits;
    }
    return new Measures(
        accuracy,
        accuracyThreshold,
        f1,
        f1Threshold,
        precision,
        recall,
        ap,
        correlation(scores, labels, sign, f1Threshold));
  }

  /** Half way; where rounding reaches the next score, the one before it. */
  private static double between(double score, double next) {
    double middle = (score + next) / 2;
    return middle == next ? score : middle;
  }

  private static double correlation(double[] scores, boolean[] labels, int sign, double threshold) {
    double n = labels.length;
    double said = 0;
    double similarPairs = 0;
    double both = 0;
    for (int i = 0; i < labels.length; i++) {
      boolean similar = sign * scores[i] >= sign * threshold;
      said += similar ? 1 : 0;
      similarPairs += labels[i] ? 1 : 0;
      both += similar && labels[i] ? 1 : 0;
    }
    double spread = said * (n - said) * similarPairs * (n - similarPairs);
    return spread == 0 ? 0 : (n * both - said * similarPairs) / Math.sqrt(spread);
  }
}
