package dev.tripoint.catalog;

/**
 * The numbers that a parameter takes.
 *
 * @param low the lower end; −∞ for none
 * @param lowIncluded whether {@code low} itself is allowed
 * @param high the upper end; +∞ for none
 * @param highIncluded whether {@code high} itself is allowed
 */
public record Range(double low, boolean lowIncluded, double high, boolean highIncluded) {
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  /** Every finite number. */
  public static final Range FINITE = new Range(-INFINITY, false, INFINITY, false);

  /** Finite numbers from {@code low} on. */
  public static Range atLeast(double low) {
    return new Range(low, true, INFINITY, false);
  }

  /** Finite numbers greater than {@code low}. */
  public static Range above(double low) {
    return new Range(low, false, INFINITY, false);
  }

  /** Numbers from {@code low} to {@code high}, both allowed. */
  public static Range between(double low, double high) {
    return new Range(low, true, high, true);
  }

  /** This range with its upper end allowed: {@code inf} is then a value. */
  public Range withHigh() {
    return new Range(low, lowIncluded, high, true);
  }

  /** Whether a number lies in the range; NaN never does. */
  public boolean contains(double value) {
    return (lowIncluded ? value >= low : value > low)
        && (highIncluded ? value <= high : value < high);
  }

  /**
   * In words, to stand after "a number" or "a whole number": {@code "greater than 0"}; empty for
   * every finite number.
   */
  public String inWords() {
    boolean below = low > -INFINITY;
    boolean above = high < INFINITY;
    String infinite = !above && highIncluded ? ", or inf" : "";
    if (below && above) {
      return lowIncluded && highIncluded
          ? "from " + text(low) + " to " + text(high)
          : (lowIncluded ? "at least " : "greater than ")
              + text(low)
              + (highIncluded ? " and at most " : " and less than ")
              + text(high);
    }
    if (below) {
      return (lowIncluded ? "at least " : "greater than ") + text(low) + infinite;
    }
    if (above) {
      return (highIncluded ? "at most " : "less than ") + text(high);
    }
    return infinite.isEmpty() ? "" : "or inf";
  }

  private static String text(double value) {
    return Values.text(value);
  }
}
