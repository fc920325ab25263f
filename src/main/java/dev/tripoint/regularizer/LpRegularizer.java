package dev.tripoint.regularizer;

import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;

/**
 * The norm of each row, raised to a power: {@code pml.LpRegularizer}. A row of zeros has gradient
 * 0; with a power below 1 the source gives NaN there.
 *
 * @param p the norm, 0 or more, infinity allowed; 2 by default
 * @param power what each norm is raised to; 1 by default
 * @param reducer {@link MeanReducer} by default
 */
public record LpRegularizer(double p, double power, Reducer reducer)
    implements MetricRegularizer, WithReducer<LpRegularizer> {

  /**
   * @throws IllegalArgumentException if p is below 0 or one is not a number
   */
  public LpRegularizer {
    if (!(p >= 0)) {
      throw new IllegalArgumentException("p must be 0 or more, but is " + p);
    }
    if (Double.isNaN(power)) {
      throw new IllegalArgumentException("power must be a number, but is NaN");
    }
  }

  public LpRegularizer(double p, double power) {
    this(p, power, new MeanReducer());
  }

  public LpRegularizer() {
    this(2, 1);
  }

  public LpRegularizer withP(double p) {
    return new LpRegularizer(p, power, reducer);
  }

  public LpRegularizer withPower(double power) {
    return new LpRegularizer(p, power, reducer);
  }

  @Override
  public LpRegularizer with(Reducer reducer) {
    return new LpRegularizer(p, power, reducer);
  }

  @Override
  public LossTerms terms(Tensor rows) {
    Tensor norms = Norms.of(rows, p);
    if (power == 1) {
      return LossTerms.elements(norms);
    }
    // The slope of a power below 1 is infinite at 0.
    return LossTerms.elements(
        power > 0 && power < 1 ? Norms.aboveZero(norms, x -> x.pow(power)) : norms.pow(power));
  }
}
