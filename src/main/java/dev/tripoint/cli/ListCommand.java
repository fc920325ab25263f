package dev.tripoint.cli;

import dev.tripoint.catalog.Accepts;
import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.DistanceChoice;
import dev.tripoint.catalog.Kind;
import dev.tripoint.catalog.Names;
import dev.tripoint.catalog.Parameter;
import dev.tripoint.catalog.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tripoint list}: every part with its parameters. */
@picocli.CommandLine.Command(
    description = "Show every loss, miner, distance, reducer and regularizer with its parameters.",
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  tripoint list",
      "  tripoint list losses",
      "  tripoint list pml.TripletMarginLoss",
      "  tripoint list --json",
      "  tripoint list --markdown",
    })
final class ListCommand extends Command {
  @Parameters(
      paramLabel = "WHAT",
      arity = "0..1",
      description =
          "losses, miners, distances, reducers, regularizers, or the name of a part. Default: all.")
  @Nullable String what;

  @Option(names = "--json", description = "Answer with one JSON document.")
  boolean json;

  @Option(names = "--markdown", description = "Answer with a page of documentation.")
  boolean markdown;

  @Override
  int run(Console console) throws IOException {
    List<Part<?>> parts = chosen(Catalog.standard());
    if (markdown) {
      console.print(PartPage.of(parts));
    } else if (json) {
      Json.page(
          console,
          document ->
              document.array(
                  "parts",
                  entries -> {
                    for (Part<?> part : parts) {
                      entries.object(null, entry -> PartJson.write(entry, part));
                    }
                  }));
    } else if (parts.size() == 1) {
      describe(console, parts.getFirst());
    } else {
      print(console, parts);
    }
    return 0;
  }

  private List<Part<?>> chosen(Catalog catalog) {
    if (what == null) {
      return catalog.parts();
    }
    for (Kind kind : Kind.values()) {
      if (what.equals(kind.plural()) || what.equals(kind.singular())) {
        return catalog.parts(kind);
      }
    }
    List<String> known = new ArrayList<>();
    Arrays.stream(Kind.values()).forEach(kind -> known.add(kind.plural()));
    for (Part<?> part : catalog.parts()) {
      if (part.name().equals(what)) {
        return List.of(part);
      }
      known.add(part.name());
    }
    throw new UsageException(
        "there is nothing called '%s'%s",
        what, Names.suggestion(what, known, "; `tripoint list` shows all parts"));
  }

  private static void print(Console console, List<Part<?>> parts) throws IOException {
    int width = parts.stream().mapToInt(part -> part.name().length()).max().orElse(0);
    for (Kind kind : Kind.values()) {
      List<Part<?>> some = parts.stream().filter(part -> part.kind() == kind).toList();
      if (some.isEmpty()) {
        continue;
      }
      console.println(kind.plural());
      for (Part<?> part : some) {
        String gap = " ".repeat(width - part.name().length() + 2);
        console.println("  " + part.name() + gap + part.summary());
      }
    }
  }

  private static void describe(Console console, Part<?> part) throws IOException {
    console.println(part.name() + ", a " + part.kind().singular());
    console.println("  " + part.summary());
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("  reference", part.reference());
    facts.put("  formula", part.formula());
    Accepts accepts = part.accepts();
    if (accepts != null) {
      facts.put("  takes", PartPage.takes(accepts));
    }
    switch (part.distances()) {
      case DistanceChoice.Fixed() -> {
        // Nothing to choose.
      }
      case DistanceChoice.Any(String standard) ->
          facts.put("  distance", "any; default " + standard);
      case DistanceChoice.Words words ->
          facts.put(
              "  distance", Names.alternatives(words.names()) + "; default " + words.standard());
    }
    if (part.reducer() != null) {
      facts.put("  reducer", "any; default " + part.reducer());
    }
    if (part.deviation() != null) {
      facts.put("  differs", part.deviation());
    }
    console.print(Text.columns(facts));
    if (part.parameters().isEmpty()) {
      console.println("  no parameters");
      return;
    }
    Map<String, String> lines = new LinkedHashMap<>();
    for (Parameter parameter : part.parameters()) {
      lines.put(
          "    " + parameter.name(),
          "%s; %s; %s"
              .formatted(
                  parameter.meaning(),
                  parameter.expectation(),
                  parameter.required() ? "required" : "default " + parameter.defaultText()));
    }
    console.println("  parameters");
    console.print(Text.columns(lines));
  }
}
