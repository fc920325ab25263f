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
import dev.tripoint.tensor.TensorScope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tripoint loss}: a loss, and its gradient, from files. */
@picocli.CommandLine.Command(
    description = "Compute a loss, and its gradient, from files: F.npy or F.safetensors:NAME.",
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  tripoint loss online.batch_hard --embeddings E.npy --labels L.npy --param margin=0.3",
      "  tripoint loss pml.TripletMarginLoss --embeddings E.npy --labels L.npy --json \\",
      "      --distance pml.LpDistance --distance-param p=1 --miner pml.BatchHardMiner --grad-out grad",
      "  tripoint loss torch.TripletMarginLoss --anchor A.npy --positive P.npy --negative N.npy",
      "  tripoint loss masked.TripletLoss --similarities S.npy --positive-mask M.npy --param alpha=0.2",
      "",
      "`tripoint list losses` shows all losses, `tripoint list NAME` one with its parameters.",
    })
final class LossCommand extends Command {
  @Parameters(paramLabel = "NAME", description = "The loss.")
  String name = "";

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
      names = "--grad-out",
      paramLabel = "PREFIX",
      description =
          "Write the gradient of the (summed) loss to PREFIX.embeddings.npy and the like.")
  @Nullable String gradOut;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seeds what is drawn at random. Default: another seed each time.")
  @Nullable Long seed;

  @Option(names = "--json", description = "Answer with one JSON document.")
  boolean json;

  private final Catalog catalog;

  LossCommand() {
    this(Catalog.standard());
  }

  LossCommand(Catalog catalog) {
    this.catalog = catalog;
  }

  /** Inputs whose gradient may be asked for, by the name of their file, and the loss of them. */
  private record Computed(Map<String, Input> inputs, LossResult result) {}

  @Override
  int run(Console console) throws IOException {
    Part<LossForm> part = catalog.loss(name);
    Accepts accepts = Objects.requireNonNull(part.accepts());
    InputOptions.check(part, accepts, given());
    Arguments arguments = part.arguments(composed.parameters);
    Composition composition =
        composed.composition(
            catalog,
            part,
            new Composed.Choice("--reducer", reducer, "--reducer-param", reducerParameters));
    Miner mining = composed.miner(catalog, part, composition);
    GradientFiles files = gradOut == null ? null : new GradientFiles(gradOut);
    try (TensorScope _ = TensorScope.open()) {
      if (seed != null) {
        LibTorch.manualSeed(seed);
      }
      Computed computed =
          switch (accepts.form()) {
            case BATCH -> onBatch(part, arguments, composition, mining);
            case ROWS -> onRows(part, arguments, composition, accepts);
            case SCORES -> onScores(part, arguments, composition);
          };
      Tensor loss = computed.result.loss();
      if (files != null) {
        files.write(gradients(computed));
      }
      answer(console, loss, computed.result.stats());
    }
    return 0;
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

  private Computed onBatch(
      Part<LossForm> part, Arguments arguments, Composition composition, @Nullable Miner mining) {
    BatchOptions.Batch rows = batch.read(masks);
    Map<String, Input> inputs = new LinkedHashMap<>();
    inputs.put("embeddings", rows.embeddings());
    if (rows.refEmbeddings() != null) {
      inputs.put("ref_embeddings", rows.refEmbeddings());
    }
    Tensor own = null;
    if (weights != null) {
      Input read = Input.matrixLike(rows.embeddings(), "--weights", weights, "weights");
      inputs.put("weights", read);
      own = read.tensor();
    }
    IndexTuples tuples =
        mining == null
            ? null
            : mining.forward(rows.embeddings().tensor(), rows.relation(), rows.ref());
    record(inputs);
    LossForm form = part.make(arguments, composition.withWeights(own));
    Loss loss = composed.regularized(catalog, ((LossForm.OnBatch) form).loss());
    try (Autograd.Mode _ = mode()) {
      return new Computed(
          inputs, loss.compute(rows.embeddings().tensor(), rows.relation(), tuples, rows.ref()));
    }
  }

  private Computed onRows(
      Part<LossForm> part, Arguments arguments, Composition composition, Accepts accepts) {
    LossForm.RowLoss loss = ((LossForm.OnRows) part.make(arguments, composition)).loss();
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
    record(inputs);
    try (Autograd.Mode _ = mode()) {
      return new Computed(
          inputs,
          loss.compute(
              anchors.tensor(),
              positives.tensor(),
              negatives == null ? null : negatives.tensor(),
              wanted));
    }
  }

  private Computed onScores(Part<LossForm> part, Arguments arguments, Composition composition) {
    LossForm.ScoreLoss loss = ((LossForm.OnScores) part.make(arguments, composition)).loss();
    Input read = scores.read();
    MaskOptions.Masks by = ScoreOptions.masks(masks, read);
    Input ignored = by.ignored();
    Map<String, Input> inputs = Map.of("similarities", read);
    record(inputs);
    try (Autograd.Mode _ = mode()) {
      return new Computed(
          inputs,
          loss.compute(
              read.tensor(),
              by.positives().tensor(),
              ignored == null ? null : ignored.tensor(),
              scores.distances,
              scores.keepDiagonal));
    }
  }

  private void record(Map<String, Input> inputs) {
    if (gradOut != null) {
      inputs.values().forEach(input -> input.tensor().requiresGrad(true));
    }
  }

  private Autograd.Mode mode() {
    return gradOut == null ? Autograd.noGrad() : Autograd.enableGrad();
  }

  private static Map<String, Tensor> gradients(Computed computed) {
    Tensor loss = computed.result.loss();
    if (loss.requiresGrad()) {
      loss.sum().backward();
    }
    Map<String, Tensor> gradients = new LinkedHashMap<>();
    computed.inputs.forEach((name, input) -> gradients.put(name, input.gradient()));
    return gradients;
  }

  private void answer(Console console, Tensor loss, Map<String, Double> stats) throws IOException {
    double[] values = loss.toDoubleArray();
    long[] sizes = loss.sizes();
    if (json) {
      Json.line(
          console,
          answer -> {
            answer.nested("loss", values, sizes);
            answer.numbers("stats", stats);
          });
      return;
    }
    Map<String, String> lines = new LinkedHashMap<>();
    lines.put("loss", values.length == 1 ? Text.number(values[0]) : Text.numbers(values));
    stats.forEach((key, value) -> lines.put(key, Text.number(value)));
    if (gradOut != null) {
      lines.put("gradient", gradOut + ".*.npy");
    }
    console.print(Text.columns(lines));
  }
}
