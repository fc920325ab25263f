package dev.tripoint.eval;

import java.util.List;
import java.util.Map;

/**
 * What {@link AccuracyCalculator} found.
 *
 * @param values by measure, in the order of {@link Measure}; NaN where no query has a relevant
 *     reference; without those that are given for each class
 * @param perClass where it was asked for: each retrieval measure for each of {@code classes}
 * @param classes where it was asked for: the labels of the queries that are counted, ascending; of
 *     one number each, or of more where labels are a matrix. Where no query is counted, those of
 *     all, and every value is NaN
 */
public record Accuracy(
    Map<Measure, Double> values, Map<Measure, double[]> perClass, List<long[]> classes) {

  /**
   * One value.
   *
   * @throws IllegalArgumentException if it was not measured, or for each class alone
   */
  public double value(Measure measure) {
    Double value = values.get(measure);
    if (value == null) {
      throw new IllegalArgumentException(
          perClass.containsKey(measure)
              ? measure.word() + " was measured for each class"
              : measure.word() + " was not measured");
    }
    return value;
  }
}
