package dev.tripoint.cli;

import dev.tripoint.catalog.Accepts;
import dev.tripoint.catalog.Accepts.Need;
import dev.tripoint.catalog.Arguments;
import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.Composition;
import dev.tripoint.catalog.LossForm;
import dev.tripoint.catalog.Part;
import dev.tripoint.loss.LossResult;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Miner;
import dev.tripoint.tensor.Autograd;
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
    LossForm form = part.make(arguments, composition);
    try (TensorScope _ = TensorScope.open()) {
      Computed computed =
          switch (form) {
            case LossForm.OnBatch(var loss) -> onBatch(loss, mining);
            case LossForm.OnRows(var loss) -> onRows(loss, accepts);
            case LossForm.OnScores(var loss) -> onScores(loss);
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
    return given;
  }

  private Computed onBatch(dev.tripoint.loss.Loss loss, @Nullable Miner mining) {
    BatchOptions.Batch rows = batch.read();
    Map<String, Input> inputs = new LinkedHashMap<>();
    inputs.put("embeddings", rows.embeddings());
    Input refs = rows.refEmbeddings();
    Input refClasses = rows.refLabels();
    if (refs != null) {
      inputs.put("ref_embeddings", refs);
    }
    IndexTuples tuples = null;
    if (mining != null) {
      try (Autograd.Mode _ = Autograd.noGrad()) {
        tuples = rows.mine(mining);
      }
    }
    record(inputs);
    try (Autograd.Mode _ = mode()) {
      return new Computed(
          inputs,
          loss.compute(
              rows.embeddings().tensor(),
              rows.labels().tensor(),
              tuples,
              refs == null ? null : refs.tensor(),
              refClasses == null ? null : refClasses.tensor()));
    }
  }

  private Computed onRows(LossForm.RowLoss loss, Accepts accepts) {
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

  private Computed onScores(LossForm.ScoreLoss loss) {
    ScoreOptions.Scores read = scores.read();
    Map<String, Input> inputs = Map.of("similarities", read.scores());
    record(inputs);
    try (Autograd.Mode _ = mode()) {
      return new Computed(
          inputs,
          loss.compute(
              read.scores().tensor(), read.mask().tensor(), scores.distances, scores.keepDiagonal));
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
