package dev.tripoint.cli;

import dev.tripoint.catalog.Accepts;
import dev.tripoint.catalog.Accepts.Need;
import dev.tripoint.catalog.Arguments;
import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.Composition;
import dev.tripoint.catalog.LossForm;
import dev.tripoint.catalog.Part;
import dev.tripoint.loss.Loss;
import dev.tripoint.loss.LossResult;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Miner;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a loss is computed from and put together with, as options, and the computation. */
final class LossRun {
  @Mixin BatchOptions batch = new BatchOptions();

  @Option(names = "--anchor", paramLabel = "FILE", description = "Anchors row by row, [N, D].")
  @Nullable String anchor;

  @Option(names = "--positive", paramLabel = "FILE", description = "Their positives, [N, D].")
  @Nullable String positive;

  @Option(names = "--negative", paramLabel = "FILE", description = "Their negatives, [N, D].")
  @Nullable String negative;

  @Option(names = "--targets", paramLabel = "FILE", description = "A target for each row, [N].")
  @Nullable String targets;

  @Mixin ScoreOptions scores = new ScoreOptions();

  @Mixin MaskOptions masks = new MaskOptions();

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description = "The loss's own weights, in the reference's shape. Default: drawn at random.")
  @Nullable String weights;

  @Mixin LossOptions composed = new LossOptions();

  @Option(
      names = "--reducer",
      paramLabel = "NAME",
      description = "The loss's reducer. Default: the loss's own.")
  @Nullable String reducer;

  @Option(
      names = "--reducer-param",
      paramLabel = "K=V",
      description = "A parameter of it; repeatable.")
  List<String> reducerParameters = new ArrayList<>();

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seeds what is drawn at random. Default: another seed each time.")
  @Nullable Long seed;

  /**
   * A loss that was computed.
   *
   * @param inputs those whose gradient may be asked for, by the name of its file
   * @param beside the others, by their names
   */
  record Computed(Map<String, Input> inputs, Map<String, Tensor> beside, LossResult result) {

    /** The gradients of the (summed) loss, zeros where nothing depends on an input. */
    Map<String, Tensor> gradients() {
      Tensor loss = result.loss();
      if (loss.requiresGrad()) {
        loss.sum().backward();
      }
      Map<String, Tensor> gradients = new LinkedHashMap<>();
      inputs.forEach((name, input) -> gradients.put(name, input.gradient()));
      return gradients;
    }
  }

  /** What the options put the loss together with. */
  record Chosen(Arguments arguments, Composition composition, @Nullable Miner miner) {}

  /** Reads the parameters and the other parts, and holds the input options against the part. */
  Chosen choose(Catalog catalog, Part<LossForm> part) {
    InputOptions.check(part, Objects.requireNonNull(part.accepts()), given());
    Arguments arguments = part.arguments(composed.parameters);
    Composition composition = composed.composition(catalog, part, reducer());
    return new Chosen(arguments, composition, composed.miner(catalog, part));
  }

  /** The reducer that the options name. */
  Composed.Choice reducer() {
    return new Composed.Choice("--reducer", reducer, "--reducer-param", reducerParameters);
  }

  /**
   * Reads the files and computes.
   *
   * @param gradients whether gradients are wanted
   */
  Computed compute(Catalog catalog, Part<LossForm> part, Chosen chosen, boolean gradients) {
    if (seed != null) {
      LibTorch.manualSeed(seed);
    }
    return switch (Objects.requireNonNull(part.accepts()).form()) {
      case BATCH -> onBatch(catalog, part, chosen, gradients);
      case ROWS -> onRows(part, chosen, gradients);
      case SCORES -> onScores(part, chosen, gradients);
    };
  }

  private Map<String, @Nullable String> given() {
    Map<String, @Nullable String> given = new LinkedHashMap<>();
    batch.addTo(given);
    given.put("--anchor", anchor);
    given.put("--positive", positive);
    given.put("--negative", negative);
    given.put("--targets", targets);
    scores.addTo(given);
    masks.addTo(given);
    given.put("--weights", weights);
    return given;
  }

  private Computed onBatch(Catalog catalog, Part<LossForm> part, Chosen chosen, boolean gradients) {
    BatchOptions.Batch rows = batch.read(masks);
    Miner mining = chosen.miner();
    Map<String, Input> inputs = new LinkedHashMap<>();
    inputs.put("embeddings", rows.embeddings());
    if (rows.refEmbeddings() != null) {
      inputs.put("ref_embeddings", rows.refEmbeddings());
    }
    Tensor own = null;
    if (weights != null) {
      // A copy: a loss may write to its weights, and the file's memory is read-only.
      Input read = Input.weights(rows.embeddings(), "--weights", weights).copied();
      inputs.put("weights", read);
      own = read.tensor();
    }
    IndexTuples tuples = mining == null ? null : rows.mine(mining);
    record(inputs, gradients);
    LossForm form = part.make(chosen.arguments(), chosen.composition().withWeights(own));
    Loss loss = composed.regularized(catalog, ((LossForm.OnBatch) form).loss());
    try (Autograd.Mode _ = mode(gradients)) {
      return new Computed(
          inputs,
          rows.beside(),
          loss.compute(rows.embeddings().tensor(), rows.relation(), tuples, rows.ref()));
    }
  }

  private Computed onRows(Part<LossForm> part, Chosen chosen, boolean gradients) {
    Accepts accepts = Objects.requireNonNull(part.accepts());
    LossForm.RowLoss loss =
        ((LossForm.OnRows) part.make(chosen.arguments(), chosen.composition())).loss();
    Input anchors = Input.matrix("--anchor", Objects.requireNonNull(anchor), "anchors");
    Input positives =
        Input.matrixLike(anchors, "--positive", Objects.requireNonNull(positive), "positives");
    positives.requireSameShape(anchors);
    Map<String, Input> inputs = new LinkedHashMap<>();
    inputs.put("anchor", anchors);
    inputs.put("positive", positives);
    Input negatives = null;
    if (accepts.negatives() != Need.NO && negative != null) {
      negatives = Input.matrixLike(anchors, "--negative", negative, "negatives");
      negatives.requireSameShape(anchors);
      inputs.put("negative", negatives);
    }
    Tensor wanted = targets == null ? null : Input.targets("--targets", targets, anchors).tensor();
    record(inputs, gradients);
    try (Autograd.Mode _ = mode(gradients)) {
      return new Computed(
          inputs,
          wanted == null ? Map.of() : Map.of("targets", wanted),
          loss.compute(
              anchors.tensor(),
              positives.tensor(),
              negatives == null ? null : negatives.tensor(),
              wanted));
    }
  }

  private Computed onScores(Part<LossForm> part, Chosen chosen, boolean gradients) {
    LossForm.ScoreLoss loss =
        ((LossForm.OnScores) part.make(chosen.arguments(), chosen.composition())).loss();
    Input read = scores.read();
    MaskOptions.Masks by = ScoreOptions.masks(masks, read);
    Input ignored = by.ignored();
    Map<String, Input> inputs = Map.of("similarities", read);
    record(inputs, gradients);
    try (Autograd.Mode _ = mode(gradients)) {
      return new Computed(
          inputs,
          by.tensors(),
          loss.compute(
              read.tensor(),
              by.positives().tensor(),
              ignored == null ? null : ignored.tensor(),
              scores.distances,
              scores.keepDiagonal));
    }
  }

  private static void record(Map<String, Input> inputs, boolean gradients) {
    if (gradients) {
      inputs.values().forEach(input -> input.tensor().requiresGrad(true));
    }
  }

  private static Autograd.Mode mode(boolean gradients) {
    return gradients ? Autograd.enableGrad() : Autograd.noGrad();
  }
}
