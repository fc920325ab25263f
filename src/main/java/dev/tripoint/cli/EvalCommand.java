package dev.tripoint.cli;

import dev.tripoint.eval.SimilarityFunction;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code tripoint eval}: how good embeddings are. */
@picocli.CommandLine.Command(
    description = {
      "Measure how good embeddings are, exactly: how well they retrieve and group their own class",
      "(--embeddings, --labels), how well queries find their documents (--queries, --corpus,",
      "--relevant), or how well similarities tell pairs apart (--anchor, --positive, --targets)."
    },
    sortOptions = false,
    footer = {
      "",
      "Measures, by default the first three, or all of their kind:",
      "  of classes    map_at_r, recall_at_1, r_precision, mean_average_precision,",
      "                mean_reciprocal_rank, AMI, NMI; as AccuracyCalculator of",
      "                pytorch-metric-learning, whose names precision_at_1 and",
      "                mean_average_precision_at_r stand for two of them as well",
      "  of queries    accuracy@K, precision@K, recall@K, ndcg@K, mrr@K, map@K, by default K = 1, 3,",
      "                5, 10, for ndcg and mrr 10, for map 100; as sentence-transformers",
      "  of pairs      pearson, spearman; where targets are 0 and 1 also accuracy,",
      "                accuracy_threshold, f1, f1_threshold, precision, recall, ap, mcc",
      "  of triplets   accuracy: how often the positive is nearer than the negative",
      "Queries without a relevant row are left out. Ties go to the lower index.",
      "",
      "Examples:",
      "  tripoint eval --embeddings run/embeddings.npy --labels run/labels.npy",
      "  tripoint eval --embeddings E.npy --labels L.npy --clusters C.npy --measures AMI,NMI --json",
      "  tripoint eval --queries Q.npy --corpus C.npy --relevant R.jsonl --measures ndcg@10,map@100",
    })
final class EvalCommand extends Command {
  @Mixin ClassEvaluation classes = new ClassEvaluation();
  @Mixin RetrievalEvaluation retrieval = new RetrievalEvaluation();
  @Mixin RowEvaluation rows = new RowEvaluation();

  @Option(
      names = "--measures",
      paramLabel = "NAME,…",
      description = "What to measure; all for everything that can be.")
  @Nullable String measures;

  @Option(
      names = "--distance",
      paramLabel = "WORD",
      description = "cosine, dot, euclidean, manhattan or normalized_euclidean. Default: cosine.")
  String distance = SimilarityFunction.COSINE.word();

  @Option(names = "--json", description = "Answer with one JSON document.")
  boolean json;

  @Override
  int run(Console console) throws IOException {
    Evaluation chosen = chosen();
    OptionValues.word("--distance", distance, SimilarityFunction.words());
    Evaluation.Found found = chosen.measure(measures, SimilarityFunction.of(distance));
    if (json) {
      Json.line(console, answer -> write(answer, found));
    } else {
      print(console, found);
    }
    return 0;
  }

  /** The one whose options are given; that of classes where none is. */
  private Evaluation chosen() {
    List<Evaluation> given =
        List.<Evaluation>of(classes, retrieval, rows).stream()
            .filter(each -> each.first() != null)
            .toList();
    if (given.size() > 1) {
      throw new UsageException(
          "%s belongs to an evaluation with %s, not with %s",
          Objects.requireNonNull(given.getLast().first()),
          given.getLast().needs(),
          Objects.requireNonNull(given.getFirst().first()));
    }
    return given.isEmpty() ? classes : given.getFirst();
  }

  private static void write(Json answer, Evaluation.Found found) throws IOException {
    if (found.classes().length > 0) {
      answer.longs("classes", found.classes());
    }
    for (Map.Entry<String, double[]> entry : found.perClass().entrySet()) {
      answer.nested(entry.getKey(), entry.getValue(), new long[] {entry.getValue().length});
    }
    for (Map.Entry<String, Double> entry : found.values().entrySet()) {
      answer.member(entry.getKey(), entry.getValue());
    }
  }

  private static void print(Console console, Evaluation.Found found) throws IOException {
    Map<String, String> lines = new LinkedHashMap<>();
    found
        .perClass()
        .forEach((name, values) -> {
          for (int c = 0; c < values.length; c++) {
            lines.put(
                name + " of class " + found.classes()[c],
                MeasureText.share(values[c], found.none()));
          }
        });
    found
        .values()
        .forEach((name, value) -> lines.put(name, MeasureText.share(value, found.none())));
    console.print(Text.columns(lines));
  }
}
