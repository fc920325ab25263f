package dev.tripoint.report;

import java.util.stream.IntStream;

/** The held-back half as dots in the plane. */
final class MapPlot {
  private static final int SIDE = 440;
  private static final int MOST_DOTS = 3000;
  private static final int PUSHES = 20;

  /** Distance of two names' middles at which both can be read. */
  private static final double NAME_ROOM = 22;

  private MapPlot() {}

  /** Half the side of the square, in data units, that holds all points of both. */
  static double reach(Pca one, Pca other) {
    double reach = 0;
    for (Pca pca : new Pca[] {one, other}) {
      for (double[] point : pca.points()) {
        reach = Math.max(reach, Math.max(Math.abs(point[0]), Math.abs(point[1])));
      }
    }
    return reach == 0 ? 1 : reach * 1.04;
  }

  static String draw(
      String label,
      Pca pca,
      double reach,
      long[] labels,
      int[] rows,
      Classes classes,
      boolean named) {
    Svg svg = new Svg(SIDE, SIDE, label);
    Axis x = new Axis(-reach, reach, 0, SIDE);
    Axis y = new Axis(-reach, reach, SIDE, 0);
    svg.line("grid", SIDE / 2.0, 0, SIDE / 2.0, SIDE).line("grid", 0, SIDE / 2.0, SIDE, SIDE / 2.0);
    int n = labels.length;
    int step = (n + MOST_DOTS - 1) / MOST_DOTS;
    for (int i = 0; i < n; i += step) {
      double[] point = pca.points()[i];
      svg.dot(
          classes.css(labels[i]),
          x.at(point[0]),
          y.at(point[1]),
          2.6,
          "row %d, class %d".formatted(rows[i], labels[i]));
    }
    if (named) {
      name(svg, classes, middles(pca, labels, classes, x, y));
    }
    return svg.toString();
  }

  private static void name(Svg svg, Classes classes, double[][] places) {
    for (int c = 0; c < places.length; c++) {
      svg.text(
          "name",
          places[c][0],
          places[c][1] + 6,
          "middle",
          Long.toString(classes.coloured().get(c)));
    }
  }

  /**
   * Where each coloured class's name stands: at its middle, pushed apart where two would cover one
   * another.
   */
  private static double[][] middles(Pca pca, long[] labels, Classes classes, Axis x, Axis y) {
    double[][] places = new double[classes.coloured().size()][];
    for (int c = 0; c < places.length; c++) {
      long label = classes.coloured().get(c);
      places[c] =
          new double[] {x.at(median(pca, labels, label, 0)), y.at(median(pca, labels, label, 1))};
    }
    for (int round = 0; round < PUSHES; round++) {
      for (int i = 0; i < places.length; i++) {
        for (int j = 0; j < i; j++) {
          pushApart(places[i], places[j]);
        }
      }
    }
    return places;
  }

  private static void pushApart(double[] one, double[] other) {
    double dx = one[0] - other[0];
    double dy = one[1] - other[1];
    double distance = Math.hypot(dx, dy);
    if (distance >= NAME_ROOM) {
      return;
    }
    double push = (NAME_ROOM - distance) / 2;
    double ux = distance == 0 ? 1 : dx / distance;
    double uy = distance == 0 ? 0 : dy / distance;
    one[0] += push * ux;
    one[1] += push * uy;
    other[0] -= push * ux;
    other[1] -= push * uy;
  }

  private static double median(Pca pca, long[] labels, long label, int axis) {
    double[] values =
        IntStream.range(0, labels.length)
            .filter(i -> labels[i] == label)
            .mapToDouble(i -> pca.points()[i][axis])
            .sorted()
            .toArray();
    return values[values.length / 2];
  }
}
