package dev.tripoint.cli;

import dev.tripoint.catalog.Arguments;
import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.Composition;
import dev.tripoint.catalog.Part;
import dev.tripoint.miner.Miner;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.TensorScope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tripoint miner}: the pairs or triplets that a miner chooses. */
@picocli.CommandLine.Command(
    description = "Choose pairs or triplets of a batch. Answers with indices from 0.",
    sortOptions = false,
    footer = {
      "",
      "Examples:",
      "  tripoint miner pml.BatchHardMiner --embeddings E.npy --labels L.npy --json",
      "  tripoint miner example.PairMiner --embeddings E.npy --labels L.npy --param margin=0.25 \\",
      "      --distance pml.CosineSimilarity",
      "",
      "`tripoint list miners` shows all miners, `tripoint list NAME` one with its parameters.",
    })
final class MinerCommand extends Command {
  @Parameters(paramLabel = "NAME", description = "The miner.")
  String name = "";

  @Mixin BatchOptions batch = new BatchOptions();

  @Mixin MaskOptions masks = new MaskOptions();

  @Option(
      names = "--param",
      paramLabel = "K=V",
      description = "A parameter of the miner; repeatable.")
  List<String> parameters = new ArrayList<>();

  @Option(
      names = "--distance",
      paramLabel = "NAME",
      description = "The miner's distance. Default: the miner's own.")
  @Nullable String distance;

  @Option(
      names = "--distance-param",
      paramLabel = "K=V",
      description = "A parameter of it; repeatable.")
  List<String> distanceParameters = new ArrayList<>();

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seeds what is drawn at random. Default: another seed each time.")
  @Nullable Long seed;

  @Option(names = "--json", description = "Answer with one JSON document.")
  boolean json;

  @Override
  int run(Console console) throws IOException {
    Catalog catalog = Catalog.standard();
    Part<Miner> part = catalog.miner(name);
    InputOptions.check(part, batch, masks);
    Arguments arguments = part.arguments(parameters);
    Composition composition =
        Composed.of(
            catalog,
            part,
            new Composed.Choice("--distance", distance, "--distance-param", distanceParameters),
            null);
    Miner miner = part.make(arguments, composition);
    Map<String, long[]> columns;
    try (TensorScope _ = TensorScope.open();
        Autograd.Mode _ = Autograd.noGrad()) {
      if (seed != null) {
        LibTorch.manualSeed(seed);
      }
      BatchOptions.Batch rows = batch.read(masks);
      columns = TupleAnswer.columns(rows.mine(miner));
    }
    if (json) {
      Json.line(console, answer -> TupleAnswer.members(answer, columns));
    } else {
      print(console, columns);
    }
    return 0;
  }

  private static void print(Console console, Map<String, long[]> columns) throws IOException {
    if (columns.containsKey("anchor")) {
      console.println(columns.get("anchor").length + " triplets");
      TupleAnswer.print(console, columns);
      return;
    }
    console.println(columns.get("positive").length + " positive pairs");
    TupleAnswer.print(console, some(columns, "anchor_positive", "positive"));
    console.println(columns.get("negative").length + " negative pairs");
    TupleAnswer.print(console, some(columns, "anchor_negative", "negative"));
  }

  private static Map<String, long[]> some(Map<String, long[]> columns, String... names) {
    Map<String, long[]> some = new LinkedHashMap<>();
    for (String name : names) {
      some.put(name, columns.get(name));
    }
    return some;
  }
}
