package dev.tripoint.cli;

import dev.tripoint.catalog.Accepts;
import dev.tripoint.catalog.Arguments;
import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.Composition;
import dev.tripoint.catalog.LossForm;
import dev.tripoint.catalog.Parameter;
import dev.tripoint.catalog.Part;
import dev.tripoint.catalog.Range;
import dev.tripoint.catalog.Values;
import dev.tripoint.eval.AccuracyCalculator.Measures;
import dev.tripoint.eval.RunRecord;
import dev.tripoint.miner.Miner;
import dev.tripoint.report.HtmlReport;
import dev.tripoint.train.ConsoleProgress;
import dev.tripoint.train.Training;
import dev.tripoint.train.TrainingException;
import dev.tripoint.train.TrainingOptions;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tripoint train}: a training run with measures and a report. */
@picocli.CommandLine.Command(
    description = {
      "Train an embedding on 1,797 handwritten digits, or on your own data, and write a folder with",
      "metrics.json, model.safetensors, embeddings.npy, labels.npy, trace.jsonl and report.html. One",
      "half of the data is trained on, the other is measured. The folder appears whole or not at all;",
      "one from an earlier run is replaced."
    },
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  tripoint train --out run",
      "  tripoint train --out run --loss pml.TripletMarginLoss --miner pml.BatchHardMiner --margin 0.2",
      "  tripoint train --out run --features F.npy --labels L.npy --epochs 50",
    })
final class TrainCommand extends Command {
  private static final Range SEEDS = Range.between(0, Long.MAX_VALUE);
  private static final Range COUNTS = Range.between(1, Integer.MAX_VALUE);

  @Option(names = "--out", paramLabel = "DIR", description = "The folder to write. Default: run.")
  String out = "run";

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Decides first weights, batches and noise. Default: 0.")
  String seed = "0";

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description =
          "Passes over the training half. Default: " + TrainingOptions.DEFAULT_EPOCHS + ".")
  String epochs = "" + TrainingOptions.DEFAULT_EPOCHS;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "LibTorch's threads; more change the last bits. Default: 1.")
  String threads = "1";

  @Option(
      names = "--loss",
      paramLabel = "NAME",
      description =
          "A loss that takes a batch with labels. Default: " + TrainingOptions.DEFAULT_LOSS + ".")
  String loss = TrainingOptions.DEFAULT_LOSS;

  @Option(
      names = "--margin",
      paramLabel = "NUMBER",
      description =
          "The loss's margin, as --param margin=NUMBER. Default: the loss's own, or "
              + TrainingOptions.DEFAULT_MARGIN
              + " where it has none.")
  @Nullable String margin;

  @Mixin LossOptions composed = new LossOptions();

  @Option(
      names = "--features",
      paramLabel = "FILE",
      description = "Your own data, [N, D]. Default: the digits.")
  @Nullable String features;

  @Option(names = "--labels", paramLabel = "FILE", description = "Their labels, [N], any integers.")
  @Nullable String labels;

  @Option(names = "--resume", description = "Not available yet.")
  boolean resume;

  @Option(names = "--json", description = "Answer with one JSON document.")
  boolean json;

  @Override
  int run(Console console) throws IOException {
    if (resume) {
      throw new UsageException(
          "train --resume is not available yet: a run keeps no checkpoints, so start it again without --resume");
    }
    TrainingOptions options = options();
    RunRecord run;
    try {
      run = Training.run(options, new ConsoleProgress(console.err()));
    } catch (TrainingException e) {
      throw new FailureException(Objects.requireNonNullElse(e.getMessage(), "the training failed"));
    }
    answer(console, run);
    return 0;
  }

  private TrainingOptions options() {
    long startSeed = Objects.requireNonNull(OptionValues.integer("--seed", seed, SEEDS));
    long passes = Objects.requireNonNull(OptionValues.integer("--epochs", epochs, COUNTS));
    long workers = Objects.requireNonNull(OptionValues.integer("--threads", threads, COUNTS));
    if ((features == null) != (labels == null)) {
      throw new UsageException("--features and --labels go together: one of them is missing");
    }
    Catalog catalog = Catalog.standard();
    Part<LossForm> part = catalog.loss(loss);
    Accepts accepts = Objects.requireNonNull(part.accepts());
    if (accepts.form() != Accepts.Form.BATCH) {
      throw new UsageException(
          "train needs a loss of a batch with labels, and %s takes %s",
          part.name(), accepts.form().text());
    }
    Arguments arguments = part.arguments(lossParameters(part));
    Composition with = composed.composition(catalog, part, null);
    Miner mining = composed.miner(catalog, part);
    if (!(part.make(arguments, with) instanceof LossForm.OnBatch(var made))) {
      throw new IllegalStateException(part.name() + " is not described as what it is");
    }
    var builder =
        TrainingOptions.builder(
                folder(), composed.regularized(catalog, made), part.name(), HtmlReport::render)
            .epochs((int) passes)
            .seed(startSeed)
            .threads((int) workers);
    Parameter known = part.parameter("margin");
    if (known != null && known.type() == Parameter.Type.FLOAT) {
      builder.margin(arguments.real("margin"));
    }
    if (mining != null) {
      builder.miner(mining, Objects.requireNonNull(composed.miner));
    }
    if (features != null && labels != null) {
      builder.data(features, labels);
    }
    return builder.build();
  }

  private List<String> lossParameters(Part<LossForm> part) {
    List<String> given = new ArrayList<>(composed.parameters);
    Parameter known = part.parameter("margin");
    if (margin != null) {
      if (known == null) {
        throw new UsageException(
            "--margin has no meaning for %s, which has no margin", part.name());
      }
      given.add("margin=" + margin);
    } else if (known != null
        && known.required()
        && given.stream().noneMatch(text -> text.startsWith("margin="))) {
      given.add("margin=" + Values.text(TrainingOptions.DEFAULT_MARGIN));
    }
    return given;
  }

  private Path folder() {
    try {
      return Path.of(out);
    } catch (InvalidPathException e) {
      throw new UsageException("--out '%s': no folder can have this name", out);
    }
  }

  private void answer(Console console, RunRecord run) throws IOException {
    Map<String, Measures> all = new LinkedHashMap<>();
    all.put("raw", run.raw());
    all.put("untrained", run.untrained());
    all.put("after", run.after());
    if (json) {
      Json.page(
          console,
          answer -> {
            for (Map.Entry<String, Measures> entry : all.entrySet()) {
              answer.numbers(entry.getKey(), MeasureText.numbers(entry.getValue()));
            }
            answer.member("out", out);
          });
      return;
    }
    console.println("held-back half    MAP@R   recall@1  R-precision");
    for (Map.Entry<String, Measures> entry : all.entrySet()) {
      Measures measures = entry.getValue();
      console.println(
          "%-14s   %.4f     %.4f       %.4f"
              .formatted(
                  entry.getKey(), measures.mapAtR(), measures.recallAt1(), measures.rPrecision()));
    }
    console.println("Written: " + folder().resolve("report.html"));
  }
}
