package dev.tripoint.eval;

import java.util.Arrays;
import java.util.List;

/**
 * What says how near two rows are. The first four are sentence-transformers' {@code
 * SimilarityFunction}, by its words; the last is pytorch-metric-learning's {@code LpDistance} as it
 * is by default.
 */
public enum SimilarityFunction {
  /** The cosine of the angle; 0 beside a row of zeros. */
  COSINE("cosine", true),
  /** The dot product of the rows as they are. */
  DOT("dot", true),
  /** The Euclidean distance of the rows as they are. */
  EUCLIDEAN("euclidean", false),
  /** The sum of the absolute differences of the rows as they are. */
  MANHATTAN("manhattan", false),
  /** The Euclidean distance of the rows divided by their norms; a row of zeros stays. */
  NORMALIZED_EUCLIDEAN("normalized_euclidean", false);

  private final String word;
  private final boolean similarity;

  SimilarityFunction(String word, boolean similarity) {
    this.word = word;
    this.similarity = similarity;
  }

  /** As a user writes it. */
  public String word() {
    return word;
  }

  /** Whether great values are near, not small ones. */
  public boolean isSimilarity() {
    return similarity;
  }

  /** The words of all. */
  public static List<String> words() {
    return Arrays.stream(values()).map(SimilarityFunction::word).toList();
  }

  /**
   * The one of that word.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static SimilarityFunction of(String word) {
    return Arrays.stream(values())
        .filter(each -> each.word.equals(word))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "there is no similarity '%s'; there are %s"
                    .formatted(word, String.join(", ", words()))));
  }

  /** Whether it looks at directions alone. */
  boolean isOfUnitRows() {
    return this == COSINE || this == NORMALIZED_EUCLIDEAN;
  }
}
