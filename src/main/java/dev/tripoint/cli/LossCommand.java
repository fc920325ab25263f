package dev.tripoint.cli;

import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.LossForm;
import dev.tripoint.catalog.Part;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
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

  @Mixin LossRun inputs = new LossRun();

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

  @Override
  int run(Console console) throws IOException {
    Part<LossForm> part = catalog.loss(name);
    LossRun.Chosen chosen = inputs.choose(catalog, part);
    GradientFiles files = gradOut == null ? null : new GradientFiles(gradOut);
    try (TensorScope _ = TensorScope.open()) {
      LossRun.Computed computed = inputs.compute(catalog, part, chosen, files != null);
      if (files != null) {
        files.write(computed.gradients());
      }
      answer(console, computed.result().loss(), computed.result().stats());
    }
    return 0;
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
