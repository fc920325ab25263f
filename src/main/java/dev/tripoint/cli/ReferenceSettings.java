package dev.tripoint.cli;

import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.DistanceChoice;
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
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("name", part.name());
    settings.put("params", part.arguments(parameters).values());
    return settings;
  }
}
