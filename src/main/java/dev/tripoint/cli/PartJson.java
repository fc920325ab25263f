package dev.tripoint.cli;

import dev.tripoint.catalog.Accepts;
import dev.tripoint.catalog.DistanceChoice;
import dev.tripoint.catalog.Parameter;
import dev.tripoint.catalog.Part;
import dev.tripoint.catalog.Range;
import java.io.IOException;
import java.util.Locale;

/** A part's description as members of a JSON object. */
final class PartJson {
  private PartJson() {}

  static void write(Json json, Part<?> part) throws IOException {
    json.member("name", part.name());
    json.member("kind", part.kind().singular());
    json.member("reference", part.reference());
    json.member("summary", part.summary());
    json.member("formula", part.formula());
    Accepts accepts = part.accepts();
    if (accepts != null) {
      json.object(
          "accepts",
          object -> {
            object.member("form", lower(accepts.form()));
            object.member("references", accepts.references());
            object.member("tuples", accepts.tuples());
            object.member("masks", accepts.masks());
            object.member("weights", lower(accepts.weights()));
            object.member("negatives", lower(accepts.negatives()));
            object.member("targets", lower(accepts.targets()));
          });
    }
    switch (part.distances()) {
      case DistanceChoice.Fixed() -> json.member("distance", null);
      case DistanceChoice.Any(String standard) -> json.member("distance", standard);
      case DistanceChoice.Words words -> {
        json.member("distance", words.standard());
        json.array(
            "distances",
            entries -> {
              for (String word : words.names()) {
                entries.value(word);
              }
            });
      }
    }
    json.member("reducer", part.reducer());
    json.member("differs", part.deviation());
    json.array(
        "parameters",
        entries -> {
          for (Parameter parameter : part.parameters()) {
            entries.object(null, entry -> write(entry, parameter));
          }
        });
  }

  private static void write(Json json, Parameter parameter) throws IOException {
    json.member("name", parameter.name());
    json.member("type", parameter.type().text());
    json.member("required", parameter.required());
    json.member("default", parameter.defaultValue());
    Range range = parameter.range();
    if (parameter.type() == Parameter.Type.FLOAT || parameter.type() == Parameter.Type.INT) {
      json.member("range", range.inWords());
    }
    if (!parameter.words().isEmpty()) {
      json.array(
          "words",
          entries -> {
            for (String word : parameter.words()) {
              entries.value(word);
            }
          });
    }
    json.member("meaning", parameter.meaning());
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
