package dev.tripoint.report;

import java.util.Locale;

/**
 * Text of one SVG picture. Colours come from the page's style sheet by class, so that it can be
 * light or dark.
 */
final class Svg {
  private final StringBuilder text = new StringBuilder();

  Svg(int width, int height, String label) {
    text.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\" xmlns=\"http://www.w3.org/2000/svg\">\n"
            .formatted(width, height, escape(label)));
  }

  Svg line(String cssClass, double x1, double y1, double x2, double y2) {
    text.append(
        "<line class=\"%s\" x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\"/>\n"
            .formatted(cssClass, n(x1), n(y1), n(x2), n(y2)));
    return this;
  }

  Svg path(String cssClass, String d) {
    text.append("<path class=\"%s\" d=\"%s\"/>\n".formatted(cssClass, d));
    return this;
  }

  /** A dot that says {@code title} when pointed at. */
  Svg dot(String cssClass, double x, double y, double radius, String title) {
    text.append(
        "<circle class=\"%s\" cx=\"%s\" cy=\"%s\" r=\"%s\"><title>%s</title></circle>\n"
            .formatted(cssClass, n(x), n(y), n(radius), escape(title)));
    return this;
  }

  /** Text; {@code anchor} is start, middle or end. */
  Svg text(String cssClass, double x, double y, String anchor, String value) {
    text.append(
        "<text class=\"%s\" x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>\n"
            .formatted(cssClass, n(x), n(y), anchor, escape(value)));
    return this;
  }

  @Override
  public String toString() {
    return text + "</svg>\n";
  }

  /** A coordinate, to a tenth of a unit. */
  static String n(double value) {
    String written = String.format(Locale.ROOT, "%.1f", value);
    return written.endsWith(".0") ? written.substring(0, written.length() - 2) : written;
  }

  static String escape(String value) {
    return value
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
