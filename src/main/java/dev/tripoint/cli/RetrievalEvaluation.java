package dev.tripoint.cli;

import dev.tripoint.eval.AtK;
import dev.tripoint.eval.InformationRetrievalEvaluator;
import dev.tripoint.eval.SimilarityFunction;
import dev.tripoint.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How well queries find their relevant documents. */
final class RetrievalEvaluation implements Evaluation {
  @Option(names = "--queries", paramLabel = "FILE", description = "Queries, [Q, D].")
  @Nullable String queries;

  @Option(names = "--corpus", paramLabel = "FILE", description = "Documents, [C, D].")
  @Nullable String corpus;

  @Option(
      names = "--relevant",
      paramLabel = "FILE",
      description =
          "Lines of JSON arrays: line i has the corpus rows that are relevant to query i.")
  @Nullable String relevant;

  @Override
  public String needs() {
    return "--queries, --corpus and --relevant";
  }

  @Override
  public Map<String, @Nullable String> given() {
    Map<String, @Nullable String> given = new LinkedHashMap<>();
    given.put("--queries", queries);
    given.put("--corpus", corpus);
    given.put("--relevant", relevant);
    return given;
  }

  @Override
  public Found measure(@Nullable String measures, SimilarityFunction by) {
    if (queries == null || corpus == null || relevant == null) {
      throw new UsageException("information retrieval needs %s", needs());
    }
    var standard = new InformationRetrievalEvaluator();
    List<String> all = standard.measures().stream().map(AtK::toString).toList();
    List<AtK> wanted =
        Evaluation.names(measures, all, all, List.of()).stream().map(AtK::of).toList();
    try (TensorScope _ = TensorScope.open()) {
      Input rows = Input.matrix("--queries", queries, "queries");
      Input documents = Input.matrixLike(rows, "--corpus", corpus, "the corpus");
      documents.requireSameWidth(rows);
      List<long[]> known = RowLists.read("--relevant", relevant, rows, documents);
      Map<String, Double> found =
          standard.include(wanted).with(by).evaluate(rows.tensor(), documents.tensor(), known);
      return new Found(found, Map.of(), new long[0], "no query has a relevant document");
    }
  }
}
