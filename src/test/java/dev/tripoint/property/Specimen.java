package dev.tripoint.property;

import dev.tripoint.catalog.Accepts;
import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.Composition;
import dev.tripoint.catalog.DistanceChoice;
import dev.tripoint.catalog.Kind;
import dev.tripoint.catalog.LossForm;
import dev.tripoint.catalog.Parameter;
import dev.tripoint.catalog.Part;
import dev.tripoint.catalog.PartException;
import dev.tripoint.distance.Distance;
import dev.tripoint.loss.LearntLoss;
import dev.tripoint.loss.Loss;
import dev.tripoint.miner.Miner;
import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A loss of batches or a miner, as it is by itself but for its distance.
 *
 * @param part from the catalogue
 * @param distance a distance in place of its own, or null
 */
record Specimen(Part<?> part, @Nullable Choice distance) {
  private static final Catalog CATALOG = Catalog.standard();

  /**
   * A distance of the catalogue, or a word of the part's own.
   *
   * @param name of the distance, or the word
   * @param parameters of the distance
   */
  record Choice(String name, String... parameters) {
    @Override
    public String toString() {
      return name + List.of(parameters);
    }
  }

  /** Every loss of batches with its own distance. */
  static Stream<Specimen> losses() {
    return CATALOG.parts(Kind.LOSS).stream()
        .filter(part -> Objects.requireNonNull(part.accepts()).form() == Accepts.Form.BATCH)
        .map(part -> new Specimen(part, null));
  }

  /** Every miner with its own distance. */
  static Stream<Specimen> miners() {
    return CATALOG.parts(Kind.MINER).stream().map(part -> new Specimen(part, null));
  }

  /** The same with each of these distances that it takes. */
  Stream<Specimen> with(Choice... choices) {
    return Stream.of(choices)
        .filter(choice ->
            switch (part.distances()) {
              case DistanceChoice.Fixed() -> false;
              case DistanceChoice.Any _ -> choice.name().startsWith("pml.");
              case DistanceChoice.Words words -> words.names().contains(choice.name());
            })
        .map(choice -> new Specimen(part, choice))
        .filter(Specimen::isMade);
  }

  private boolean isMade() {
    try {
      make(null);
      return true;
    } catch (PartException e) {
      return false;
    }
  }

  String name() {
    return part.name();
  }

  Accepts accepts() {
    return Objects.requireNonNull(part.accepts());
  }

  /** The loss, with these weights where it learns some; the same ones each time where null. */
  Loss loss(@Nullable Tensor weights) {
    return ((LossForm.OnBatch) make(weights)).loss();
  }

  /** The weights that it begins with, or null where it learns none. */
  @Nullable Tensor weights() {
    if (!(loss(null) instanceof LearntLoss learnt)) {
      return null;
    }
    List<Tensor> all = learnt.parameters();
    return all.size() == 1 ? all.getFirst() : null;
  }

  Miner miner() {
    return (Miner) make(null);
  }

  private Object make(@Nullable Tensor weights) {
    List<String> given = new ArrayList<>();
    for (Parameter parameter : part.parameters()) {
      if (parameter.required()) {
        given.add(parameter.name() + "=" + some(parameter));
      }
    }
    LibTorch.manualSeed(5);
    boolean word = part.distances() instanceof DistanceChoice.Words;
    Distance made =
        distance == null || word
            ? null
            : CATALOG
                .distance(distance.name())
                .make(List.of(distance.parameters()), Composition.OWN);
    String said = distance != null && word ? distance.name() : null;
    return part.make(given, new Composition(made, said, null, weights));
  }

  /** A value that a parameter takes; whole numbers are those of {@link Sample}. */
  private static String some(Parameter parameter) {
    return switch (parameter.type()) {
      case INT -> "3";
      case LIST -> "3,2";
      case PART -> "pml.TripletMarginLoss(margin=0.5)";
      case PARTS -> "first:pml.TripletMarginLoss,second:pml.NTXentLoss(temperature=0.2)";
      default -> "0.5";
    };
  }

  @Override
  public String toString() {
    return distance == null ? name() : name() + " with " + distance;
  }
}
