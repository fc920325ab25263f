package dev.tripoint.catalog;

import dev.tripoint.distance.Distance;
import dev.tripoint.miner.Miner;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.regularizer.Regularizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part's description.
 *
 * @param <T> what it makes: {@link LossForm}, {@link Miner}, {@link Distance}, {@link Reducer} or
 *     {@link Regularizer}
 */
public final class Part<T> {
  private final Kind kind;
  private final String name;
  private final String reference;
  private final String summary;
  private final String formula;
  private final @Nullable Accepts accepts;
  private final DistanceChoice distances;
  private final @Nullable String reducer;
  private final @Nullable String deviation;
  private final List<Parameter> parameters;
  private final BiFunction<Arguments, Composition, ? extends T> factory;

  private Part(Builder<T> builder, BiFunction<Arguments, Composition, ? extends T> factory) {
    this.kind = builder.kind;
    this.name = builder.name;
    this.reference = Objects.requireNonNull(builder.reference, "reference");
    this.summary = Objects.requireNonNull(builder.summary, "summary");
    this.formula = Objects.requireNonNull(builder.formula, "formula");
    this.accepts = builder.accepts;
    this.distances = builder.distances;
    this.reducer = builder.reducer;
    this.deviation = builder.deviation;
    this.parameters = List.copyOf(builder.parameters);
    this.factory = factory;
  }

  /** Starts the description of a loss. */
  public static Builder<LossForm> loss(String name, Accepts accepts) {
    return new Builder<>(Kind.LOSS, name, accepts);
  }

  /** Starts the description of a miner. */
  public static Builder<Miner> miner(String name) {
    return new Builder<>(Kind.MINER, name, Accepts.batchWithReferences());
  }

  /** Starts the description of a distance. */
  public static Builder<Distance> distance(String name) {
    return new Builder<>(Kind.DISTANCE, name, null);
  }

  /** Starts the description of a reducer. */
  public static Builder<Reducer> reducer(String name) {
    return new Builder<>(Kind.REDUCER, name, null);
  }

  /** Starts the description of a regularizer. */
  public static Builder<Regularizer> regularizer(String name) {
    return new Builder<>(Kind.REGULARIZER, name, null);
  }

  /** What it is. */
  public Kind kind() {
    return kind;
  }

  /** {@code REFERENCE.Name}, with the reference's own name. */
  public String name() {
    return name;
  }

  /** The package and version that it equals. */
  public String reference() {
    return reference;
  }

  /** What it does, in one sentence. */
  public String summary() {
    return summary;
  }

  /** What it computes, in one line of plain text. */
  public String formula() {
    return formula;
  }

  /** What a loss or miner is given; null for distances and reducers. */
  public @Nullable Accepts accepts() {
    return accepts;
  }

  /** Which distances it can be given. */
  public DistanceChoice distances() {
    return distances;
  }

  /** The reducer it has by itself where another can be given, else null. */
  public @Nullable String reducer() {
    return reducer;
  }

  /** Where it differs from its reference on purpose, in a sentence or two; null for nowhere. */
  public @Nullable String deviation() {
    return deviation;
  }

  /** Its parameters, in the reference's order. */
  public List<Parameter> parameters() {
    return parameters;
  }

  /**
   * Makes the part.
   *
   * @param given {@code name=value} texts, each name at most once
   * @param composition the parts that it is put together with
   * @throws PartException for parameters that it does not have or cannot use
   */
  public T make(List<String> given, Composition composition) {
    return make(arguments(given), composition);
  }

  /**
   * Makes the part from arguments that {@link #arguments} read.
   *
   * @throws PartException for values that cannot be used together
   */
  public T make(Arguments arguments, Composition composition) {
    try {
      return factory.apply(arguments, composition);
    } catch (IllegalArgumentException e) {
      throw new PartException(name + ": " + e.getMessage());
    }
  }

  /**
   * Reads parameters; loads nothing of the part itself.
   *
   * @param given {@code name=value} texts, each name at most once
   * @throws PartException for parameters that it does not have or cannot use
   */
  public Arguments arguments(List<String> given) {
    return Arguments.parse(name, parameters, given);
  }

  /** The parameter of that name, or null. */
  public @Nullable Parameter parameter(String wanted) {
    return parameters.stream().filter(p -> p.name().equals(wanted)).findFirst().orElse(null);
  }

  @Override
  public String toString() {
    return name;
  }

  /** Collects a description. */
  public static final class Builder<T> {
    private final Kind kind;
    private final String name;
    private final @Nullable Accepts accepts;
    private final List<Parameter> parameters = new ArrayList<>();
    private DistanceChoice distances = new DistanceChoice.Fixed();
    private @Nullable String reducer;
    private @Nullable String deviation;
    private @Nullable String reference;
    private @Nullable String summary;
    private @Nullable String formula;

    private Builder(Kind kind, String name, @Nullable Accepts accepts) {
      this.kind = kind;
      this.name = name;
      this.accepts = accepts;
    }

    /** The package and version that it equals. */
    public Builder<T> reference(String text) {
      this.reference = text;
      return this;
    }

    /** What it does, in one sentence. */
    public Builder<T> summary(String text) {
      this.summary = text;
      return this;
    }

    /** What it computes, in one line of plain text. */
    public Builder<T> formula(String text) {
      this.formula = text;
      return this;
    }

    /** Its next parameter. */
    public Builder<T> parameter(Parameter parameter) {
      parameters.add(parameter);
      return this;
    }

    /** It takes any distance of the catalogue; {@code standard} is its own. */
    public Builder<T> anyDistance(String standard) {
      this.distances = new DistanceChoice.Any(standard);
      return this;
    }

    /** It takes a distance by one of these words; {@code standard} is its own. */
    public Builder<T> distanceWords(String standard, DistanceChoice.Word... words) {
      this.distances = new DistanceChoice.Words(List.of(words), standard);
      return this;
    }

    /** It takes any reducer; {@code standard} is its own. */
    public Builder<T> anyReducer(String standard) {
      this.reducer = standard;
      return this;
    }

    /** Where it differs from its reference on purpose, with the reason, in a sentence or two. */
    public Builder<T> differs(String text) {
      this.deviation = text;
      return this;
    }

    /** Ends the description of a part that is made from its parameters alone. */
    public Part<T> makes(Function<Arguments, ? extends T> factory) {
      return new Part<>(this, (arguments, composition) -> factory.apply(arguments));
    }

    /** Ends the description of a part that is put together with others. */
    public Part<T> makesWith(BiFunction<Arguments, Composition, ? extends T> factory) {
      return new Part<>(this, factory);
    }
  }
}
