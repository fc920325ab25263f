package dev.tripoint.eval;

/**
 * Says which labels make a reference relevant to a query, where that is not the equal ones: {@code
 * label_comparison_fn} of pytorch-metric-learning. A lambda will do.
 */
@FunctionalInterface
public interface LabelComparison {
  /**
   * Whether a reference of one label is relevant to a query of another.
   *
   * @param query its label; one number, or a row where labels are a matrix
   * @param reference its label likewise
   */
  boolean match(long[] query, long[] reference);
}
