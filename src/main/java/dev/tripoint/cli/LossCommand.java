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

  @Option(names = "--embeddings", paramLabel = "FILE", description = "Embeddings, [N, D].")
  @Nullable String embeddings;

  @Option(names = "--labels", paramLabel = "FILE", description = "Their labels, [N], any integers.")
  @Nullable String labels;

  @Option(
      names = "--ref-embeddings",
      paramLabel = "FILE",
      description = "Rows that positives and negatives come from, [M, D]. Default: the embeddings.")
  @Nullable String refEmbeddings;

  @Option(names = "--ref-labels", paramLabel = "FILE", description = "Their labels, [M].")
  @Nullable String refLabels;

  @Option(names = "--anchor", paramLabel = "FILE", description = "Anchors row by row, [N, D].")
  @Nullable String anchor;

  @Option(names = "--positive", paramLabel = "FILE", description = "Their positives, [N, D].")
  @Nullable String positive;

  @Option(names = "--negative", paramLabel = "FILE", description = "Their negatives, [N, D].")
  @Nullable String negative;

  @Option(names = "--targets", paramLabel = "FILE", description = "A target for each row, [N].")
  @Nullable String targets;

  @Option(
      names = "--similarities",
      paramLabel = "FILE",
      description = "Scores of anchors (rows) and candidates (columns), [B, N].")
  @Nullable String similarities;

  @Option(
      names = "--positive-mask",
      paramLabel = "FILE",
      description = "Which candidates are positives, [B, N], bool.")
  @Nullable String positiveMask;

  @Option(names = "--distances", description = "The scores are distances: small is near.")
  boolean distances;

  @Option(
      names = "--keep-diagonal",
      description = "Rows and columns are different things: the diagonal of square scores counts.")
  boolean keepDiagonal;

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
    Arguments arguments = part.arguments(parameters);
    Composition composition =
        Composed.of(
            catalog,
            part,
            new Composed.Choice("--distance", distance, "--distance-param", distanceParameters),
            new Composed.Choice("--reducer", reducer, "--reducer-param", reducerParameters));
    Miner mining = miner(part, accepts, composition);
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
    given.put("--embeddings", embeddings);
    given.put("--labels", labels);
    given.put("--ref-embeddings", refEmbeddings);
    given.put("--ref-labels", refLabels);
    given.put("--anchor", anchor);
    given.put("--positive", positive);
    given.put("--negative", negative);
    given.put("--targets", targets);
    given.put("--similarities", similarities);
    given.put("--positive-mask", positiveMask);
    given.put("--distances", distances ? "" : null);
    given.put("--keep-diagonal", keepDiagonal ? "" : null);
    return given;
  }

  private @Nullable Miner miner(Part<LossForm> part, Accepts accepts, Composition composition) {
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
    if (!accepts.tuples()) {
      throw new UsageException("%s takes no --miner", part.name());
    }
    Part<Miner> mining = catalog.miner(miner);
    Composition with = Composed.of(catalog, mining, own, null);
    // A reference whose distances are words measures once: its miner sees what its loss sees.
    boolean shared = minerDistance == null && mining.distances().equals(part.distances());
    return mining.make(
        choice.parameters(),
        shared && composition.word() != null
            ? new Composition(null, composition.word(), null)
            : with);
  }

  private Computed onBatch(dev.tripoint.loss.Loss loss, @Nullable Miner mining) {
    Input rows = Input.matrix("--embeddings", Objects.requireNonNull(embeddings), "embeddings");
    Input classes = Input.labels("--labels", Objects.requireNonNull(labels), rows);
    Map<String, Input> inputs = new LinkedHashMap<>();
    inputs.put("embeddings", rows);
    Input refs = null;
    Input refClasses = null;
    if (refEmbeddings != null && refLabels != null) {
      refs = Input.matrixLike(rows, "--ref-embeddings", refEmbeddings, "reference embeddings");
      refs.requireSameWidth(rows);
      refClasses = Input.labels("--ref-labels", refLabels, refs);
      inputs.put("ref_embeddings", refs);
    }
    IndexTuples tuples = null;
    if (mining != null) {
      try (Autograd.Mode _ = Autograd.noGrad()) {
        tuples =
            refs == null || refClasses == null
                ? mining.mine(rows.tensor(), classes.tensor())
                : mining.mine(rows.tensor(), classes.tensor(), refs.tensor(), refClasses.tensor());
      }
    }
    record(inputs);
    try (Autograd.Mode _ = mode()) {
      return new Computed(
          inputs,
          loss.compute(
              rows.tensor(),
              classes.tensor(),
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
    Input scores = Input.matrix("--similarities", Objects.requireNonNull(similarities), "scores");
    Input mask = Input.mask("--positive-mask", Objects.requireNonNull(positiveMask), scores);
    Map<String, Input> inputs = Map.of("similarities", scores);
    record(inputs);
    try (Autograd.Mode _ = mode()) {
      return new Computed(
          inputs, loss.compute(scores.tensor(), mask.tensor(), distances, keepDiagonal));
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
