package dev.tripoint.report;

import java.util.List;

/** One value over the epochs. */
final class CurvePlot {
  private static final int WIDTH = 300;
  private static final int HEIGHT = 190;
  private static final int LEFT = 38;
  private static final int RIGHT = 16;
  private static final int BOTTOM = 150;

  private CurvePlot() {}

  /**
   * Values for epochs 1, 2, …; the axis runs from 0 to {@code top}, or further down and up where
   * the values do.
   */
  static String draw(String label, List<Double> values, double top) {
    Svg svg = new Svg(WIDTH, HEIGHT, label);
    double lowest = Math.min(0, values.stream().mapToDouble(v -> v).min().orElse(0));
    Axis x = new Axis(1, Math.max(2, values.size()), LEFT, WIDTH - RIGHT);
    Axis y = new Axis(lowest, top, BOTTOM, 12);
    for (double mark : y.marks(4)) {
      svg.line("grid", LEFT, y.at(mark), WIDTH - RIGHT, y.at(mark));
      svg.text("mark", LEFT - 6, y.at(mark) + 4, "end", Axis.name(mark));
    }
    for (double mark : x.marks(4)) {
      if (mark == Math.rint(mark) && mark >= 1) {
        svg.text("mark", x.at(mark), BOTTOM + 18, "middle", Axis.name(mark));
      }
    }
    svg.text("mark", (LEFT + WIDTH) / 2.0, HEIGHT - 4, "middle", "epoch");
    svg.line("axis", LEFT, BOTTOM, WIDTH - RIGHT, BOTTOM);
    StringBuilder d = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      d.append(i == 0 ? "M" : "L")
          .append(Svg.n(x.at(i + 1)))
          .append(' ')
          .append(Svg.n(y.at(values.get(i))));
    }
    svg.path("curve", d.toString());
    if (values.size() == 1) {
      svg.dot("c0", x.at(1), y.at(values.getFirst()), 3, Axis.name(values.getFirst()));
    }
    return svg.toString();
  }
}
