package dev.tripoint.cli;

import dev.tripoint.catalog.Accepts.Need;
import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.Composition;
import dev.tripoint.catalog.Kind;
import dev.tripoint.catalog.LossForm;
import dev.tripoint.catalog.Names;
import dev.tripoint.catalog.Part;
import dev.tripoint.miner.Miner;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.verify.Answer;
import dev.tripoint.verify.Comparison;
import dev.tripoint.verify.Comparison.Verdict;
import dev.tripoint.verify.PythonReference;
import dev.tripoint.verify.Question;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tripoint verify}: a loss or miner against the installed Python reference. */
@picocli.CommandLine.Command(
    description = {
      "Run a loss or a miner, and the Python reference that it equals, on your own files, and compare",
      "loss, gradients and indices. Ends with 1 where they differ."
    },
    sortOptions = false,
    footer = {
      "",
      "Options are those of `loss` and `miner`. The reference runs twice, in the precision of your files",
      "and in float64, which tells the side that is the more exact. Allowed are 1e-9 (values) and 1e-7",
      "(gradients) in float64, 2e-5 and 1e-3 in float32; where only the reference is off by more, the",
      "difference is called explained. The columns ours-f64 and ref-f64 say how far each side is from",
      "that run in float64; for a miner all columns count tuples. What Python lacks is named with the command that installs it.",
      "",
      "Examples:",
      "  tripoint verify pml.ContrastiveLoss --embeddings E.npy --labels L.npy --param neg_margin=0.8",
      "  tripoint verify pml.BatchHardMiner --embeddings E.npy --labels L.npy --python venv/bin/python",
    })
final class VerifyCommand extends Command {
  @Parameters(paramLabel = "NAME", description = "The loss or miner.")
  String name = "";

  @Mixin LossRun inputs = new LossRun();

  @Option(
      names = "--python",
      paramLabel = "FILE",
      description = "The Python that has the reference. Default: python3.")
  String python = "python3";

  @Option(names = "--json", description = "Answer with one JSON document.")
  boolean json;

  /** What ours computed, and the question that a reference answers in its place. */
  private record Asked(Map<String, double[]> ours, Question question) {}

  @Override
  int run(Console console) throws IOException {
    Catalog catalog = Catalog.standard();
    Part<?> part = part(catalog);
    if (inputs.seed == null) {
      // Both sides draw the same.
      inputs.seed = (long) new Random().nextInt(Integer.MAX_VALUE);
    }
    Answer answer;
    List<Comparison> compared;
    try (TensorScope _ = TensorScope.open()) {
      Asked asked = part.kind() == Kind.LOSS ? loss(catalog, catalog.loss(name)) : miner(catalog);
      answer = new PythonReference(python).answer(asked.question);
      compared = Comparison.all(asked.ours, answer, asked.question.dtype());
    }
    Verdict verdict =
        compared.stream().map(Comparison::verdict).max(Verdict::compareTo).orElseThrow();
    if (json) {
      writeJson(console, answer, compared, verdict);
    } else {
      print(console, answer, compared, verdict);
    }
    return verdict == Verdict.DIFFERENT ? 1 : 0;
  }

  private Part<?> part(Catalog catalog) {
    List<String> known =
        Stream.of(Kind.LOSS, Kind.MINER).flatMap(kind -> catalog.names(kind).stream()).toList();
    if (!known.contains(name)) {
      throw new UsageException(
          "there is no loss or miner '%s'%s",
          name, Names.suggestion(name, known, "; `tripoint list` shows all"));
    }
    return catalog.find(catalog.names(Kind.LOSS).contains(name) ? Kind.LOSS : Kind.MINER, name);
  }

  private Asked loss(Catalog catalog, Part<LossForm> part) {
    LossRun.Chosen chosen = inputs.choose(catalog, part);
    if (Objects.requireNonNull(part.accepts()).weights() != Need.NO && inputs.weights == null) {
      throw new UsageException(
          "verify needs --weights for %s, so that both sides have the same", part.name());
    }
    LossRun.Computed computed = inputs.compute(catalog, part, chosen, true);
    Map<String, double[]> ours = new LinkedHashMap<>();
    ours.put("loss", computed.result().loss().toDoubleArray());
    computed
        .gradients()
        .forEach((input, gradient) -> ours.put("gradient " + input, gradient.toDoubleArray()));
    Map<String, Tensor> arrays = new LinkedHashMap<>(computed.beside());
    computed.inputs().forEach((input, read) -> arrays.put(input, read.tensor()));
    Map<String, Object> settings = settings(catalog, part);
    settings.put("distances", inputs.scores.distances);
    settings.put("keep_diagonal", inputs.scores.keepDiagonal);
    if (inputs.reducer != null) {
      settings.put(
          "reducer",
          ReferenceSettings.of(catalog.reducer(inputs.reducer), inputs.reducerParameters));
    }
    if (inputs.composed.regularizer != null) {
      Map<String, Object> regularizer =
          ReferenceSettings.of(
              catalog.regularizer(inputs.composed.regularizer),
              inputs.composed.regularizerParameters);
      regularizer.put("weight", inputs.composed.regularizerFactor());
      settings.put("regularizer", regularizer);
    }
    if (inputs.composed.miner != null) {
      settings.put("miner", mining(catalog, part));
    }
    DType dtype = computed.inputs().values().iterator().next().tensor().dtype();
    return new Asked(ours, new Question(name, dtype, settings, arrays));
  }

  private Asked miner(Catalog catalog) {
    Part<Miner> part = catalog.miner(name);
    InputOptions.check(part, inputs.batch, inputs.masks);
    Composition composition = inputs.composed.composition(catalog, part, null);
    Miner miner = part.make(inputs.composed.parameters, composition);
    BatchOptions.Batch rows = inputs.batch.read(inputs.masks);
    Map<String, double[]> ours = new LinkedHashMap<>();
    LibTorch.manualSeed(Objects.requireNonNull(inputs.seed));
    try (Autograd.Mode _ = Autograd.noGrad()) {
      TupleAnswer.columns(rows.mine(miner))
          .forEach((column, indices) ->
              ours.put(column, Arrays.stream(indices).asDoubleStream().toArray()));
    }
    Map<String, Tensor> arrays = new LinkedHashMap<>(rows.beside());
    arrays.put("embeddings", rows.embeddings().tensor());
    if (rows.refEmbeddings() != null) {
      arrays.put("ref_embeddings", rows.refEmbeddings().tensor());
    }
    DType dtype = rows.embeddings().tensor().dtype();
    return new Asked(ours, new Question(name, dtype, settings(catalog, part), arrays));
  }

  /** What is told of a loss and of a miner alike. */
  private Map<String, Object> settings(Catalog catalog, Part<?> part) {
    Map<String, Object> settings =
        ReferenceSettings.of(
            catalog,
            part,
            inputs.composed.parameters,
            inputs.composed.distance,
            inputs.composed.distanceParameters);
    settings.put("kind", part.kind().singular());
    settings.put("seed", inputs.seed);
    return settings;
  }

  private Map<String, Object> mining(Catalog catalog, Part<LossForm> part) {
    LossOptions composed = inputs.composed;
    Part<Miner> mining = catalog.miner(Objects.requireNonNull(composed.miner));
    return ReferenceSettings.of(
        catalog,
        mining,
        composed.minerParameters,
        composed.minerDistance(mining, part),
        composed.minerDistanceParameters);
  }

  private void writeJson(Console console, Answer answer, List<Comparison> compared, Verdict verdict)
      throws IOException {
    Json.line(
        console,
        document -> {
          document.member("part", name);
          document.member("reference", answer.by());
          document.member("verdict", word(verdict));
          document.array(
              "compared",
              entries -> {
                for (Comparison each : compared) {
                  entries.object(
                      null,
                      entry -> {
                        entry.member("name", each.name());
                        entry.member("difference", each.difference());
                        entry.member("allowed", each.allowed());
                        entry.member("ours_to_float64", each.ours());
                        entry.member("reference_to_float64", each.reference());
                        entry.member("nearer", each.nearer());
                        entry.member("verdict", word(each.verdict()));
                      });
                }
              });
        });
  }

  private void print(Console console, Answer answer, List<Comparison> compared, Verdict verdict)
      throws IOException {
    console.println(name + " against " + answer.by());
    int width = compared.stream().mapToInt(each -> each.name().length()).max().orElse(0);
    String row = "%-" + width + "s  %10s  %8s  %10s  %10s  %-9s  %s";
    console.println(
        row.formatted("", "difference", "allowed", "ours-f64", "ref-f64", "nearer", "")
            .stripTrailing());
    for (Comparison each : compared) {
      console.println(
          row.formatted(
                  each.name(),
                  size(each.difference()),
                  size(each.allowed()),
                  size(each.ours()),
                  size(each.reference()),
                  each.nearer(),
                  word(each.verdict()))
              .stripTrailing());
    }
    console.println(
        switch (verdict) {
          case EQUAL -> "equal";
          case EXPLAINED ->
              "explained: ours is within what is allowed of the reference's own run in float64,"
                  + " and the reference is not";
          case DIFFERENT -> "different";
        });
  }

  private static String size(double value) {
    return value == Math.rint(value) && value < 1e6
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.1e", value);
  }

  private static String word(Verdict verdict) {
    return verdict.name().toLowerCase(Locale.ROOT);
  }
}
