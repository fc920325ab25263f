package dev.tripoint.cli;

import dev.tripoint.catalog.Accepts;
import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.Composition;
import dev.tripoint.catalog.DistanceChoice;
import dev.tripoint.catalog.Part;
import dev.tripoint.catalog.Range;
import dev.tripoint.loss.Loss;
import dev.tripoint.miner.Miner;
import dev.tripoint.regularizer.Regularizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options for what a loss is put together from. */
final class LossOptions {
  @Option(
      names = "--param",
      paramLabel = "K=V",
      description = "A parameter of the loss; repeatable.")
  List<String> parameters = new ArrayList<>();

  @Option(
      names = "--distance",
      paramLabel = "NAME",
      description = "The loss's distance. Default: the loss's own.")
  @Nullable String distance;

  @Option(
      names = "--distance-param",
      paramLabel = "K=V",
      description = "A parameter of it; repeatable.")
  List<String> distanceParameters = new ArrayList<>();

  @Option(
      names = "--miner",
      paramLabel = "NAME",
      description = "Chooses the loss's tuples. Default: none.")
  @Nullable String miner;

  @Option(
      names = "--miner-param",
      paramLabel = "K=V",
      description = "A parameter of it; repeatable.")
  List<String> minerParameters = new ArrayList<>();

  @Option(
      names = "--miner-distance",
      paramLabel = "NAME",
      description = "The miner's distance. Default: the miner's own.")
  @Nullable String minerDistance;

  @Option(
      names = "--miner-distance-param",
      paramLabel = "K=V",
      description = "A parameter of it; repeatable.")
  List<String> minerDistanceParameters = new ArrayList<>();

  @Option(
      names = "--embedding-regularizer",
      paramLabel = "NAME",
      description = "Adds what the embeddings cost by themselves. Default: none.")
  @Nullable String regularizer;

  @Option(
      names = "--embedding-regularizer-param",
      paramLabel = "K=V",
      description = "A parameter of it; repeatable.")
  List<String> regularizerParameters = new ArrayList<>();

  @Option(
      names = "--embedding-reg-weight",
      paramLabel = "W",
      description = "What its cost is multiplied by. Default: 1.")
  @Nullable String regularizerWeight;

  /** A loss with the regularizer that the options name, where they name one. */
  Loss regularized(Catalog catalog, Loss loss) {
    var choice =
        new Composed.Choice(
            "--embedding-regularizer",
            regularizer,
            "--embedding-regularizer-param",
            regularizerParameters);
    if (choice.name() == null) {
      if (regularizerWeight != null) {
        throw new UsageException(
            "--embedding-reg-weight needs --embedding-regularizer with a name");
      }
      return loss;
    }
    Regularizer made =
        catalog.regularizer(choice.name()).make(choice.parameters(), Composition.OWN);
    return loss.with(made, regularizerFactor());
  }

  /** What the regularizer's cost is multiplied by. */
  double regularizerFactor() {
    Double weight = OptionValues.real("--embedding-reg-weight", regularizerWeight, Range.FINITE);
    return weight == null ? 1 : weight;
  }

  /** The distance that the options give {@code part}, and the reducer of another option. */
  Composition composition(Catalog catalog, Part<?> part, Composed.@Nullable Choice reducer) {
    return Composed.of(
        catalog,
        part,
        new Composed.Choice("--distance", distance, "--distance-param", distanceParameters),
        reducer);
  }

  /** The miner that the options name, null where they name none. */
  @Nullable Miner miner(Catalog catalog, Part<?> part) {
    var choice = new Composed.Choice("--miner", miner, "--miner-param", minerParameters);
    var own =
        new Composed.Choice(
            "--miner-distance", minerDistance, "--miner-distance-param", minerDistanceParameters);
    if (miner == null) {
      if (minerDistance != null) {
        throw new UsageException("--miner-distance needs --miner with a name");
      }
      return null;
    }
    Accepts accepts = Objects.requireNonNull(part.accepts());
    if (!accepts.tuples()) {
      throw new UsageException("%s takes no --miner", part.name());
    }
    Part<Miner> mining = catalog.miner(miner);
    Composition with = Composed.of(catalog, mining, own.named(minerDistance(mining, part)), null);
    return mining.make(choice.parameters(), with);
  }

  /**
   * The distance of a miner, by its name or word, null for the miner's own. A reference whose
   * distances are words measures once: its miner sees what its loss sees.
   */
  @Nullable String minerDistance(Part<Miner> mining, Part<?> part) {
    boolean shared =
        mining.distances() instanceof DistanceChoice.Words words && words.equals(part.distances());
    return minerDistance == null && shared ? distance : minerDistance;
  }
}
