package dev.tripoint.report;

/** Two distributions of distances over one another. */
final class HistogramPlot {
  private static final int WIDTH = 440;
  private static final int HEIGHT = 210;
  private static final int BOTTOM = 170;
  private static final int BINS = 80;
  private static final double LONGEST = 2;

  private HistogramPlot() {}

  /** The tallest share of a bin, to give several plots one scale. */
  static double tallest(Distances distances) {
    double most = 0;
    for (double[] values : new double[][] {distances.same(), distances.different()}) {
      for (double share : shares(values)) {
        most = Math.max(most, share);
      }
    }
    return most;
  }

  static String draw(String label, Distances distances, double tallest) {
    Svg svg = new Svg(WIDTH, HEIGHT, label);
    Axis x = new Axis(0, LONGEST, 8, WIDTH - 8);
    Axis y = new Axis(0, tallest, BOTTOM, 14);
    for (double mark : x.marks(4)) {
      svg.line("grid", x.at(mark), 8, x.at(mark), BOTTOM);
      svg.text("mark", x.at(mark), BOTTOM + 18, "middle", Axis.name(mark));
    }
    svg.text("mark", WIDTH / 2.0, HEIGHT - 4, "middle", "distance of two embeddings");
    svg.path("different", outline(shares(distances.different()), x, y));
    svg.path("same", outline(shares(distances.same()), x, y));
    svg.line("axis", 8, BOTTOM, WIDTH - 8, BOTTOM);
    return svg.toString();
  }

  private static double[] shares(double[] values) {
    double[] shares = new double[BINS];
    for (double value : values) {
      int bin = (int) (value / LONGEST * BINS);
      shares[Math.min(bin, BINS - 1)] += 1.0 / values.length;
    }
    return shares;
  }

  private static String outline(double[] shares, Axis x, Axis y) {
    StringBuilder d = new StringBuilder("M" + Svg.n(x.at(0)) + " " + Svg.n(y.at(0)));
    for (int bin = 0; bin < BINS; bin++) {
      double top = y.at(shares[bin]);
      double right = x.at((bin + 1) * LONGEST / BINS);
      d.append("V").append(Svg.n(top)).append("H").append(Svg.n(right));
    }
    return d.append("V").append(Svg.n(y.at(0))).append("Z").toString();
  }
}
