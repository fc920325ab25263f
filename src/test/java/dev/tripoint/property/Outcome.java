package dev.tripoint.property;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A loss and its gradients, in float64.
 *
 * @param loss the number
 * @param gradient by the embeddings, [N * D]
 * @param refGradient by the references; empty where there are none
 * @param weightGradient by the weights; empty where none are learnt
 */
record Outcome(double loss, double[] gradient, double[] refGradient, double[] weightGradient) {

  /** What the rows' gradients become where the rows are taken in another order. */
  Outcome permuted(int[] order, int[] refOrder) {
    return new Outcome(
        loss,
        rows(gradient, order),
        refGradient.length == 0 ? refGradient : rows(refGradient, refOrder),
        weightGradient);
  }

  /** What the rows' gradients become where row i is multiplied by factor(i). */
  Outcome scaled(IntToDoubleFunction factor) {
    return new Outcome(
        loss, divided(gradient, factor), divided(refGradient, factor), weightGradient);
  }

  private static double[] rows(double[] gradient, int[] order) {
    double[] rows = new double[order.length * Sample.COLUMNS];
    for (int i = 0; i < order.length; i++) {
      System.arraycopy(
          gradient, order[i] * Sample.COLUMNS, rows, i * Sample.COLUMNS, Sample.COLUMNS);
    }
    return rows;
  }

  private static double[] divided(double[] gradient, IntToDoubleFunction factor) {
    double[] divided = gradient.clone();
    Arrays.setAll(divided, i -> gradient[i] / factor.applyAsDouble(i / Sample.COLUMNS));
    return divided;
  }

  /** All gradients, one after the other. */
  double[] gradients() {
    return Stream.of(gradient, refGradient, weightGradient)
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  /** The greatest absolute value among all. */
  double largest() {
    return Math.max(Math.abs(loss), Arrays.stream(gradients()).map(Math::abs).max().orElse(0));
  }

  boolean isFinite() {
    return Double.isFinite(loss) && Arrays.stream(gradients()).allMatch(Double::isFinite);
  }

  /** Where another outcome is not equal up to rounding, in words, or null. */
  @Nullable String differs(Outcome other) {
    if (!(Math.abs(loss - other.loss) <= 1e-9 * Math.max(1, Math.abs(other.loss)))) {
      return "loss %s for %s".formatted(loss, other.loss);
    }
    double[] ours = gradients();
    double[] theirs = other.gradients();
    double largest = 1e-6;
    for (double x : theirs) {
      largest = Math.max(largest, Math.abs(x));
    }
    for (int i = 0; i < ours.length; i++) {
      if (!(Math.abs(ours[i] - theirs[i]) <= 1e-7 * largest)) {
        return "gradient[%d] %s for %s".formatted(i, ours[i], theirs[i]);
      }
    }
    return null;
  }

  /** Where the loss or the gradient by the embeddings has other bits, in words, or null. */
  @Nullable String differsInBits(Outcome other) {
    if (Double.compare(loss, other.loss) != 0) {
      return "loss %s for %s".formatted(loss, other.loss);
    }
    int at = Arrays.mismatch(gradient, other.gradient);
    return at < 0 ? null : "gradient[%d] %s for %s".formatted(at, gradient[at], other.gradient[at]);
  }
}
