package dev.tripoint.catalog;

import dev.tripoint.distance.Distance;
import dev.tripoint.miner.Miner;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.regularizer.Regularizer;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All parts by name. Immutable. */
public final class Catalog {
  private final Map<String, Part<?>> parts = new LinkedHashMap<>();

  /**
   * A catalogue of these parts, in this order.
   *
   * @throws IllegalArgumentException when two have the same name
   */
  public Catalog(Collection<? extends Part<?>> parts) {
    for (Part<?> part : parts) {
      if (this.parts.putIfAbsent(part.name(), part) != null) {
        throw new IllegalArgumentException("two parts are called " + part.name());
      }
    }
  }

  /** The catalogue of this library. */
  public static Catalog standard() {
    return Standard.CATALOG;
  }

  /** All parts, by reference. */
  public List<Part<?>> parts() {
    return List.copyOf(parts.values());
  }

  /** All parts of a kind. */
  public List<Part<?>> parts(Kind kind) {
    return parts.values().stream().filter(p -> p.kind() == kind).toList();
  }

  /** The names of all parts of a kind. */
  public List<String> names(Kind kind) {
    return parts(kind).stream().<String>map(Part::name).toList();
  }

  /** The loss of that name. */
  @SuppressWarnings("unchecked")
  public Part<LossForm> loss(String name) {
    return (Part<LossForm>) find(Kind.LOSS, name);
  }

  /** The miner of that name. */
  @SuppressWarnings("unchecked")
  public Part<Miner> miner(String name) {
    return (Part<Miner>) find(Kind.MINER, name);
  }

  /** The distance of that name. */
  @SuppressWarnings("unchecked")
  public Part<Distance> distance(String name) {
    return (Part<Distance>) find(Kind.DISTANCE, name);
  }

  /** The reducer of that name. */
  @SuppressWarnings("unchecked")
  public Part<Reducer> reducer(String name) {
    return (Part<Reducer>) find(Kind.REDUCER, name);
  }

  /** The regularizer of that name. */
  @SuppressWarnings("unchecked")
  public Part<Regularizer> regularizer(String name) {
    return (Part<Regularizer>) find(Kind.REGULARIZER, name);
  }

  /**
   * The part of that kind and name.
   *
   * @throws PartException when there is none, with the nearest names
   */
  public Part<?> find(Kind kind, String name) {
    @Nullable Part<?> part = parts.get(name);
    if (part == null) {
      throw new PartException(
          "there is no %s '%s'%s"
              .formatted(
                  kind.singular(),
                  name,
                  Names.suggestion(
                      name, names(kind), "; `tripoint list` shows all " + kind.plural())));
    }
    if (part.kind() != kind) {
      throw new PartException(
          "%s is a %s, not a %s%s"
              .formatted(
                  name,
                  part.kind().singular(),
                  kind.singular(),
                  Names.suggestion(name, names(kind), "")));
    }
    return part;
  }

  private static final class Standard {
    static final Catalog CATALOG =
        new Catalog(
            Stream.of(
                    TorchParts.all(),
                    OnlineParts.all(),
                    MaskedParts.all(),
                    PmlParts.all(),
                    ExampleParts.all(),
                    StParts.all(),
                    FinetunerParts.all())
                .flatMap(List::stream)
                .toList());
  }
}
