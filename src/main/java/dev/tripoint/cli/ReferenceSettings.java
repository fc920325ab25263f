package dev.tripoint.cli;

import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.DistanceChoice;
import dev.tripoint.catalog.Nested;
import dev.tripoint.catalog.Part;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a reference is told of the parts that options name: their names and parameters. */
final class ReferenceSettings {
  private ReferenceSettings() {}

  /**
   * A part that is put together with a distance.
   *
   * @param distance its name or word, or null for the part's own
   */
  static Map<String, Object> of(
      Catalog catalog,
      Part<?> part,
      List<String> parameters,
      @Nullable String distance,
      List<String> distanceParameters) {
    Map<String, Object> settings = of(part, parameters);
    if (distance != null) {
      settings.put(
          "distance",
          part.distances() instanceof DistanceChoice.Words
              ? distance
              : of(catalog.distance(distance), distanceParameters));
    }
    return settings;
  }

  /** A part by itself. */
  static Map<String, Object> of(Part<?> part, List<String> parameters) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    part.arguments(parameters).values().forEach((name, value) -> values.put(name, told(value)));
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("name", part.name());
    settings.put("params", values);
    return settings;
  }

  /** A parameter's value, parts among it told as those that options name. */
  private static @Nullable Object told(@Nullable Object value) {
    return switch (value) {
      case Nested part -> of(part);
      case Map<?, ?> parts -> {
        Map<Object, @Nullable Object> told = new LinkedHashMap<>();
        parts.forEach((name, part) -> told.put(name, told(part)));
        yield told;
      }
      case null, default -> value;
    };
  }

  private static Map<String, Object> of(Nested nested) {
    Part<?> part =
        Catalog.standard().parts().stream()
            .filter(each -> each.name().equals(nested.name()))
            .findFirst()
            .orElseThrow(() -> new UsageException("there is nothing called '%s'", nested.name()));
    Nested.Pieces pieces = nested.pieces(part);
    Map<String, Object> settings = of(part, pieces.parameters());
    if (pieces.distance() != null) {
      settings.put("distance", of(pieces.distance()));
    } else if (pieces.word() != null) {
      settings.put("distance", pieces.word());
    }
    if (pieces.reducer() != null) {
      settings.put("reducer", of(pieces.reducer()));
    }
    return settings;
  }
}
