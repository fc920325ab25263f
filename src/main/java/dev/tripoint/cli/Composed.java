package dev.tripoint.cli;

import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.Composition;
import dev.tripoint.catalog.DistanceChoice;
import dev.tripoint.catalog.Names;
import dev.tripoint.catalog.Part;
import dev.tripoint.distance.Distance;
import dev.tripoint.reducer.Reducer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts a part together with the distance and reducer that options name. */
final class Composed {
  private Composed() {}

  /**
   * A part's name and parameters, as options give them.
   *
   * @param option the option that names it
   * @param name the name, or null where the option is absent
   * @param parameterOption the option for its parameters
   * @param parameters {@code name=value} texts
   */
  record Choice(
      String option, @Nullable String name, String parameterOption, List<String> parameters) {
    Choice {
      if (name == null && !parameters.isEmpty()) {
        throw new UsageException("%s needs %s with a name", parameterOption, option);
      }
    }

    /** The same option with another name. */
    Choice named(@Nullable String other) {
      return new Choice(option, other, parameterOption, parameters);
    }
  }

  /** What the options make for {@code part}. */
  static Composition of(Catalog catalog, Part<?> part, Choice distance, @Nullable Choice reducer) {
    Reducer made = null;
    if (reducer != null && reducer.name() != null) {
      if (part.reducer() == null) {
        throw new UsageException("%s takes no %s", part.name(), reducer.option());
      }
      made = catalog.reducer(reducer.name()).make(reducer.parameters(), Composition.OWN);
    }
    String name = distance.name();
    if (name == null) {
      return new Composition(null, null, made, null);
    }
    return switch (part.distances()) {
      case DistanceChoice.Fixed() ->
          throw new UsageException(
              "%s has a distance of its own and takes no %s", part.name(), distance.option());
      case DistanceChoice.Any _ -> {
        Distance other = catalog.distance(name).make(distance.parameters(), Composition.OWN);
        yield new Composition(other, null, made, null);
      }
      case DistanceChoice.Words words -> {
        if (!words.names().contains(name)) {
          throw new UsageException(
              "%s of %s must be %s, not '%s'%s",
              distance.option(),
              part.name(),
              Names.alternatives(words.names()),
              name,
              Names.suggestion(name, words.names(), ""));
        }
        if (!distance.parameters().isEmpty()) {
          throw new UsageException(
              "the distance %s of %s has no parameters, so %s has no meaning",
              name, part.name(), distance.parameterOption());
        }
        yield new Composition(null, name, made, null);
      }
    };
  }
}
