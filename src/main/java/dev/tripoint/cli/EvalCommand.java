package dev.tripoint.cli;

import dev.tripoint.eval.AccuracyCalculator;
import dev.tripoint.eval.AccuracyCalculator.Measures;
import dev.tripoint.tensor.TensorScope;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;

/** {@code tripoint eval}: how well embeddings retrieve their own class. */
@picocli.CommandLine.Command(
    description = {
      "Measure how well embeddings retrieve their own class: MAP@R, recall at 1 and R-precision,",
      "by cosine similarity, each row a query among all others."
    },
    sortOptions = false,
    footer = {
      "",
      "Example:",
      "  tripoint eval --embeddings run/embeddings.npy --labels run/labels.npy",
    })
final class EvalCommand extends Command {
  @Option(
      names = "--embeddings",
      paramLabel = "FILE",
      required = true,
      description = "Embeddings, [N, D].")
  String embeddings = "";

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      required = true,
      description = "Their labels, [N], any integers.")
  String labels = "";

  @Option(names = "--json", description = "Answer with one JSON document.")
  boolean json;

  @Override
  int run(Console console) throws IOException {
    Measures measures;
    try (TensorScope _ = TensorScope.open()) {
      Input rows = Input.matrix("--embeddings", embeddings, "embeddings");
      Input classes = Input.labels("--labels", labels, rows);
      measures = AccuracyCalculator.of(rows.tensor(), classes.tensor());
    }
    Map<String, Double> numbers = MeasureText.numbers(measures);
    if (json) {
      Json.line(
          console,
          answer -> {
            for (Map.Entry<String, Double> entry : numbers.entrySet()) {
              answer.member(entry.getKey(), entry.getValue());
            }
          });
    } else {
      Map<String, String> lines = new LinkedHashMap<>();
      numbers.forEach((name, value) -> lines.put(name, MeasureText.share(value)));
      console.print(Text.columns(lines));
    }
    return 0;
  }
}
