package dev.tripoint.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A straight axis from data to the picture, with round marks. */
record Axis(double low, double high, double from, double to) {

  double at(double value) {
    return from + (value - low) / (high - low) * (to - from);
  }

  /** Round values inside the axis, about {@code wanted} of them. */
  List<Double> marks(int wanted) {
    double rough = (high - low) / wanted;
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = power;
    for (double factor : new double[] {1, 2, 5, 10}) {
      step = factor * power;
      if (step >= rough * 0.999) {
        break;
      }
    }
    List<Double> marks = new ArrayList<>();
    for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) {
      marks.add(i * step);
    }
    return marks;
  }

  /** A mark's text: as few digits as its step needs. */
  static String name(double value) {
    if (value == Math.rint(value)) {
      return Long.toString((long) value);
    }
    String text = String.format(Locale.ROOT, "%.4f", value);
    return text.replaceAll("0+$", "");
  }

  /** The smallest round number that is not below {@code value}. */
  static double roundUp(double value) {
    if (!(value > 0)) {
      return 1;
    }
    double power = Math.pow(10, Math.floor(Math.log10(value)));
    for (double factor : new double[] {1, 1.5, 2, 3, 4, 5, 6, 8}) {
      if (factor * power >= value) {
        return factor * power;
      }
    }
    return 10 * power;
  }
}
