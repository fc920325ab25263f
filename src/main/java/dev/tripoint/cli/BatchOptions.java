package dev.tripoint.cli;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Miner;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that name a batch with labels, and rows to refer to. */
final class BatchOptions {
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

  /** The rows and labels of the files; the references are null where none are named. */
  record Batch(
      Input embeddings, Input labels, @Nullable Input refEmbeddings, @Nullable Input refLabels) {

    IndexTuples mine(Miner miner) {
      return refEmbeddings == null || refLabels == null
          ? miner.forward(embeddings.tensor(), labels.tensor())
          : miner.forward(
              embeddings.tensor(), labels.tensor(), refEmbeddings.tensor(), refLabels.tensor());
    }
  }

  /** Adds each option with its value, null where it is absent. */
  void addTo(Map<String, @Nullable String> given) {
    given.put("--embeddings", embeddings);
    given.put("--labels", labels);
    given.put("--ref-embeddings", refEmbeddings);
    given.put("--ref-labels", refLabels);
  }

  /** Reads the files, once {@link InputOptions#check} found that they are named. */
  Batch read() {
    Input rows = Input.matrix("--embeddings", Objects.requireNonNull(embeddings), "embeddings");
    Input classes = Input.labels("--labels", Objects.requireNonNull(labels), rows);
    if (refEmbeddings == null || refLabels == null) {
      return new Batch(rows, classes, null, null);
    }
    Input refs = Input.matrixLike(rows, "--ref-embeddings", refEmbeddings, "reference embeddings");
    refs.requireSameWidth(rows);
    return new Batch(rows, classes, refs, Input.labels("--ref-labels", refLabels, refs));
  }
}
