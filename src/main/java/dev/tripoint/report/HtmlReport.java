package dev.tripoint.report;

import dev.tripoint.eval.AccuracyCalculator.Measures;
import dev.tripoint.eval.EpochTrace;
import dev.tripoint.eval.RunRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * Writes a run as one HTML page that needs nothing else: no network, no scripts, light or dark as
 * the reader's system is.
 */
public final class HtmlReport {
  private static final int MOST_MISTAKES = 12;

  private final RunRecord run;
  private final boolean pictures;

  /** What one thing is called: a digit, or a row. */
  private final String thing;

  /** What a label says: which digit, or which class. */
  private final String kind;

  private HtmlReport(RunRecord run) {
    this.run = run;
    this.pictures = run.imageSide() > 0;
    this.thing = pictures ? "picture" : "row";
    this.kind = pictures ? "digit" : "class";
  }

  /** The page's text. */
  public static String render(RunRecord run) {
    return new HtmlReport(run).page();
  }

  private String page() {
    return fill(
        resource("report.html"),
        Map.of(
            "style", resource("report.css"),
            "lead", lead(),
            "warnings", warnings(),
            "measures", measures(),
            "map", map(),
            "distances", distances(),
            "curves", curves(),
            "mistakes", mistakes(),
            "settings", settings()));
  }

  private String lead() {
    return ("<p class=\"lead\">A small network learned, with the loss <code>%s</code>, to turn each %s into an embedding, a point"
            + " such that equal %s lie close together and different ones far apart. It trained on %,d of them in %s. The"
            + " other <strong>%,d were held back</strong>: the network never saw them in training, and everything measured"
            + " on this page is measured on them.</p>\n<p class=\"data\">Data: %s</p>\n")
        .formatted(
            Svg.escape(run.settings().getOrDefault("loss", "").toString()),
            pictures ? "picture of a handwritten digit" : "row of numbers",
            pictures ? "digits" : "classes",
            run.trainingRows(),
            seconds(),
            run.labels().length,
            Svg.escape(run.dataName()));
  }

  private String seconds() {
    double seconds = run.duration().toMillis() / 1000.0;
    return seconds < 120
        ? String.format(Locale.ROOT, "%.0f seconds", Math.max(1, seconds))
        : String.format(Locale.ROOT, "%.0f minutes", seconds / 60);
  }

  private String warnings() {
    StringBuilder out = new StringBuilder();
    for (String warning : run.warnings()) {
      out.append(
          "<p class=\"warning\"><strong>Warning:</strong> %s</p>\n".formatted(Svg.escape(warning)));
    }
    return out.toString();
  }

  private String measures() {
    return "<div class=\"cards\">\n"
        + card(
            "MAP@R",
            Measures::mapAtR,
            "List the nearest neighbours of a %s, as many as there are of its %s. 1 means that all are of the same %s; wrong"
                + " ones cost more the nearer they are.")
        + card(
            "Recall@1",
            Measures::recallAt1,
            "How often the very nearest neighbour of a %s shows the same %s.")
        + card(
            "R-precision",
            Measures::rPrecision,
            "In the same list as for MAP@R, the share of neighbours of the same %2$s, wherever they stand.")
        + "</div>\n";
  }

  private String card(String name, ToDoubleFunction<Measures> measure, String meaning) {
    return "<section class=\"card\"><h3>%s</h3><p class=\"big\">%s</p>\n<table>%s%s%s</table>\n<p>%s</p></section>\n"
        .formatted(
            name,
            decimal(measure.applyAsDouble(run.after())),
            bar(pictures ? "raw pixels" : "raw numbers", measure.applyAsDouble(run.raw()), ""),
            bar("untrained network", measure.applyAsDouble(run.untrained()), ""),
            bar("after training", measure.applyAsDouble(run.after()), "after"),
            meaning.formatted(thing, kind, kind));
  }

  private static String bar(String name, double value, String cssClass) {
    return "<tr class=\"%s\"><th>%s</th><td class=\"bar\"><i style=\"width:%s%%\"></i></td><td>%s</td></tr>\n"
        .formatted(cssClass, name, Svg.n(Double.isNaN(value) ? 0 : 100 * value), decimal(value));
  }

  private String map() {
    Pca before = Pca.of(run.before());
    Pca after = Pca.of(run.embeddings());
    double reach = MapPlot.reach(before, after);
    Classes classes = Classes.of(run.labels());
    String left =
        MapPlot.draw("Before training", before, reach, run.labels(), run.rows(), classes, false);
    String right =
        MapPlot.draw("After training", after, reach, run.labels(), run.rows(), classes, true);
    return classes.legend()
        + pair(
            "Before training",
            left,
            "The two directions shown hold %s of the variance.".formatted(percent(before.kept())),
            "After training",
            right,
            "The two directions shown hold %s of the variance.".formatted(percent(after.kept())))
        + ("<p class=\"note\">Each dot is one held-back %s, its colour the %s. Both maps have the same scale. Embeddings have %d"
                + " dimensions; a map shows only the two in which they spread most (principal components, of each map its"
                + " own), so groups that touch here may still lie apart.</p>\n")
            .formatted(thing, kind, run.embeddings()[0].length);
  }

  private String distances() {
    Distances before = Distances.of(run.before(), run.labels());
    Distances after = Distances.of(run.embeddings(), run.labels());
    String caption =
        "A pair of one %s is closer than a pair of two in <strong>%s</strong> of all comparisons.";
    return "<p class=\"legend\"><span><i class=\"same\"></i>two of the same %s</span><span><i class=\"different\"></i>two different ones</span></p>\n"
            .formatted(kind)
        + pair(
            "Before training",
            HistogramPlot.draw("Distances before training", before, HistogramPlot.tallest(before)),
            caption.formatted(kind, percent(before.separation())),
            "After training",
            HistogramPlot.draw("Distances after training", after, HistogramPlot.tallest(after)),
            caption.formatted(kind, percent(after.separation())))
        + ("<p class=\"note\">How far apart two held-back %ss lie, over all pairs: 0 is the same point, 2 the opposite side."
                + " Each hill has the same area; the less the two overlap, the better. Heights are fitted to each"
                + " plot.</p>\n")
            .formatted(thing);
  }

  private String curves() {
    List<EpochTrace> trace = run.trace();
    List<Double> losses = trace.stream().map(EpochTrace::loss).toList();
    double highest = losses.stream().mapToDouble(v -> v).max().orElse(1);
    StringBuilder out = new StringBuilder("<div class=\"three\">\n");
    out.append(
        figure(
            "Loss",
            CurvePlot.draw("Loss by epoch", losses, Axis.roundUp(highest)),
            "What training makes small. A loss that averages over the active triplets only falls slowly while their number falls fast."));
    if (trace.stream().allMatch(epoch -> epoch.activeFraction() != null)) {
      List<Double> active =
          trace.stream()
              .map(epoch -> 100 * Objects.requireNonNull(epoch.activeFraction()))
              .toList();
      double most = active.stream().mapToDouble(v -> v).max().orElse(100);
      out.append(
          figure(
              "Active triplets, %",
              CurvePlot.draw("Active triplets by epoch, in percent", active, Axis.roundUp(most)),
              "Triplets that still break the margin; the others teach nothing more."));
    }
    out.append(
        figure(
            "Spread",
            CurvePlot.draw("Spread by epoch", trace.stream().map(EpochTrace::spread).toList(), 1),
            "How far apart embeddings lie: 1 is all directions alike; near 0, all have run into one point (a collapse)."));
    return out + "</div>\n";
  }

  private String mistakes() {
    List<Mistake> all = Mistake.worstFirst(run.embeddings(), run.labels());
    long wrong = all.stream().filter(Mistake::isWrong).count();
    List<Mistake> shown =
        all.stream().limit(wrong == 0 ? 4 : Math.min(wrong, MOST_MISTAKES)).toList();
    String head =
        wrong == 0
            ? "No held-back %s has a nearest neighbour of another %s. The closest calls:"
                .formatted(thing, kind)
            : "%,d of %,d held-back %ss have a nearest neighbour of another %s%s."
                .formatted(
                    wrong,
                    run.labels().length,
                    thing,
                    kind,
                    wrong > shown.size() ? "; the %d worst".formatted(shown.size()) : "");
    StringBuilder out = new StringBuilder("<p>%s</p>\n".formatted(head));
    if (pictures) {
      out.append(
          "<p class=\"note\">Outlined: the picture in question. Beside it the held-back picture that the network placed nearest"
              + " to it, and the nearest one of the right digit, each with its distance.</p>\n<div"
              + " class=\"mistakes\">\n");
      shown.forEach(mistake -> out.append(pictured(mistake)));
      out.append("</div>\n");
    } else {
      out.append(
          "<table class=\"list\"><tr><th>row</th><th>class</th><th>nearest of another class</th><th>distance</th><th>nearest"
              + " of its own class</th><th>distance</th></tr>\n");
      shown.forEach(mistake -> out.append(listed(mistake)));
      out.append("</table>\n");
    }
    return out.toString();
  }

  private String pictured(Mistake mistake) {
    return "<div class=\"mistake\">%s%s%s</div>\n"
        .formatted(
            image(
                mistake.row(),
                "This is a <b>%d</b>".formatted(label(mistake.row())),
                "row %d".formatted(run.rows()[mistake.row()])),
            image(
                mistake.other(),
                "Nearest: a <b>%d</b>".formatted(label(mistake.other())),
                "distance " + apart(mistake.row(), mistake.other())),
            image(
                mistake.own(),
                "Nearest <b>%d</b>".formatted(label(mistake.own())),
                "distance " + apart(mistake.row(), mistake.own())));
  }

  private String image(int row, String title, String detail) {
    String picture =
        Picture.html(run.features()[row], run.imageSide(), "handwritten %d".formatted(label(row)));
    return "<figure>%s<figcaption>%s<br><small>%s</small></figcaption></figure>"
        .formatted(picture, title, detail);
  }

  private String listed(Mistake mistake) {
    return "<tr><td>%d</td><td>%d</td><td>row %d, class %d</td><td>%s</td><td>row %d</td><td>%s</td></tr>\n"
        .formatted(
            run.rows()[mistake.row()],
            label(mistake.row()),
            run.rows()[mistake.other()],
            label(mistake.other()),
            apart(mistake.row(), mistake.other()),
            run.rows()[mistake.own()],
            apart(mistake.row(), mistake.own()));
  }

  private String apart(int one, int other) {
    return String.format(
        Locale.ROOT, "%.2f", Distances.distance(run.embeddings()[one], run.embeddings()[other]));
  }

  private long label(int row) {
    return run.labels()[row];
  }

  private String settings() {
    StringBuilder out = new StringBuilder("<table class=\"list\">");
    run.settings()
        .forEach((name, value) ->
            out.append(
                "<tr><th>%s</th><td>%s</td></tr>\n"
                    .formatted(Svg.escape(name), Svg.escape(value.toString()))));
    return out + "</table>\n";
  }

  private static String pair(
      String leftTitle,
      String left,
      String leftNote,
      String rightTitle,
      String right,
      String rightNote) {
    return "<div class=\"two\">\n"
        + figure(leftTitle, left, leftNote)
        + figure(rightTitle, right, rightNote)
        + "</div>\n";
  }

  private static String figure(String title, String svg, String note) {
    return "<figure class=\"plot\"><h3>%s</h3>\n%s<figcaption>%s</figcaption></figure>\n"
        .formatted(title, svg, note);
  }

  private static String decimal(double value) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.3f", value);
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "–" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static String fill(String template, Map<String, String> parts) {
    StringBuilder page = new StringBuilder();
    int at = 0;
    for (int open = template.indexOf("{{"); open >= 0; open = template.indexOf("{{", at)) {
      int close = template.indexOf("}}", open);
      page.append(template, at, open);
      page.append(Objects.requireNonNull(parts.get(template.substring(open + 2, close))));
      at = close + 2;
    }
    return page.append(template.substring(at)).toString();
  }

  private static String resource(String name) {
    try (InputStream stream = HtmlReport.class.getResourceAsStream(name)) {
      return new String(
          Objects.requireNonNull(stream, name).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
