package dev.tripoint.cli;

import dev.tripoint.catalog.Accepts;
import dev.tripoint.catalog.Accepts.Need;
import dev.tripoint.catalog.DistanceChoice;
import dev.tripoint.catalog.Kind;
import dev.tripoint.catalog.Parameter;
import dev.tripoint.catalog.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The catalogue as a page of documentation, docs/parts.md. */
final class PartPage {
  private PartPage() {}

  /** The page, in Markdown. */
  static String of(List<Part<?>> parts) {
    StringBuilder page =
        new StringBuilder(
            """
            # Parts

            Every loss, miner, distance, reducer and regularizer, as `tripoint list --markdown` prints them from the catalogue: what
            each computes, what it takes, and its parameters with the reference's names and defaults. Distances d count far as
            large; similarities s the other way round. [parity.md](parity.md) has the differences that were measured.
            """);
    for (Kind kind : Kind.values()) {
      List<Part<?>> some = parts.stream().filter(part -> part.kind() == kind).toList();
      if (some.isEmpty()) {
        continue;
      }
      String plural = kind.plural();
      page.append("\n## ")
          .append(plural.substring(0, 1).toUpperCase(Locale.ROOT))
          .append(plural, 1, plural.length())
          .append('\n');
      some.forEach(part -> describe(page, part));
    }
    return page.toString();
  }

  private static void describe(StringBuilder page, Part<?> part) {
    page.append("\n### ").append(part.name()).append("\n\n").append(part.summary());
    page.append("\n\n    ").append(part.formula()).append("\n\n");
    List<String> facts = new ArrayList<>(List.of("Reference: " + part.reference() + "."));
    Accepts accepts = part.accepts();
    if (accepts != null) {
      facts.add("Takes " + takes(accepts) + ".");
    }
    switch (part.distances()) {
      case DistanceChoice.Fixed() -> {
        // Nothing to choose.
      }
      case DistanceChoice.Any(String standard) ->
          facts.add("Distance: any, by default `" + standard + "`.");
      case DistanceChoice.Words words ->
          facts.add(
              "Distance: "
                  + String.join(
                      "; ",
                      words.words().stream()
                          .map(word -> "`%s` (%s)".formatted(word.name(), word.meaning()))
                          .toList())
                  + "; by default `"
                  + words.standard()
                  + "`.");
    }
    if (part.reducer() != null) {
      facts.add("Reducer: any, by default `" + part.reducer() + "`.");
    }
    if (part.deviation() != null) {
      facts.add("Differs: " + part.deviation());
    }
    page.append(String.join(" ", facts)).append('\n');
    if (part.parameters().isEmpty()) {
      return;
    }
    page.append("\n| parameter | default | value | meaning |\n|---|---|---|---|\n");
    for (Parameter parameter : part.parameters()) {
      page.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  parameter.name(),
                  parameter.required() ? "required" : parameter.defaultText(),
                  cell(parameter.expectation()),
                  cell(parameter.meaning())));
    }
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }

  /** What a loss or a miner takes, in words. */
  static String takes(Accepts accepts) {
    List<String> beside = new ArrayList<>();
    if (accepts.references()) {
      beside.add("references");
    }
    if (accepts.tuples()) {
      beside.add("a miner");
    }
    if (accepts.masks()) {
      beside.add("masks or label sets in place of labels");
    }
    if (accepts.weights() != Need.NO) {
      beside.add("weights");
    }
    if (accepts.negatives() != Need.NO) {
      beside.add(accepts.negatives() == Need.YES ? "negatives" : "perhaps negatives");
    }
    if (accepts.targets() != Need.NO) {
      beside.add("targets");
    }
    return accepts.form().text() + (beside.isEmpty() ? "" : "; also " + String.join(", ", beside));
  }
}
