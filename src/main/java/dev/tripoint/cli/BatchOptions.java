package dev.tripoint.cli;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Miner;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that name a batch, who belongs together in it, and rows to refer to. */
final class BatchOptions {
  @Option(names = "--embeddings", paramLabel = "FILE", description = "Embeddings, [N, D].")
  @Nullable String embeddings;

  @Option(names = "--labels", paramLabel = "FILE", description = "Their labels, [N], any integers.")
  @Nullable String labels;

  @Option(
      names = "--label-sets",
      paramLabel = "FILE",
      description =
          "In place of labels: which of C labels each row has, [N, C], bool. Rows that share one are"
              + " positives.")
  @Nullable String labelSets;

  @Option(
      names = "--ref-embeddings",
      paramLabel = "FILE",
      description = "Rows that positives and negatives come from, [M, D]. Default: the embeddings.")
  @Nullable String refEmbeddings;

  @Option(names = "--ref-labels", paramLabel = "FILE", description = "Their labels, [M].")
  @Nullable String refLabels;

  @Option(names = "--ref-label-sets", paramLabel = "FILE", description = "Their sets, [M, C].")
  @Nullable String refLabelSets;

  /**
   * The rows of the files, and who belongs together, null where nothing says so; the references are
   * null where none are named.
   */
  record Batch(Input embeddings, @Nullable Relation relation, @Nullable Input refEmbeddings) {

    /** What says who belongs together, by the names of the options. */
    Map<String, Tensor> beside() {
      Map<String, Tensor> beside = new LinkedHashMap<>();
      add(relation, beside);
      return beside;
    }

    private static void add(@Nullable Relation relation, Map<String, Tensor> beside) {
      switch (relation) {
        case null -> {
          // Nothing says so.
        }
        case Relation.Labels(Tensor labels, Tensor refLabels) -> {
          beside.put("labels", labels);
          if (refLabels != null) {
            beside.put("ref_labels", refLabels);
          }
        }
        case Relation.Masks(Tensor positives, _) -> beside.put("positive_mask", positives);
        case Relation.Bits(Tensor positives, _, _) -> beside.put("positive_mask", positives);
        case Relation.Partial(Relation whole, Tensor ignored) -> {
          add(whole, beside);
          beside.put("ignore_mask", ignored);
        }
      }
    }

    /** Chooses tuples. */
    IndexTuples mine(Miner miner) {
      if (relation == null) {
        throw new UsageException("a miner needs --labels");
      }
      return miner.forward(embeddings.tensor(), relation, ref());
    }

    /** The references' tensor, or null. */
    @Nullable Tensor ref() {
      return refEmbeddings == null ? null : refEmbeddings.tensor();
    }
  }

  /** Adds each option with its value, null where it is absent. */
  void addTo(Map<String, @Nullable String> given) {
    given.put("--embeddings", embeddings);
    given.put("--labels", labels);
    given.put("--label-sets", labelSets);
    given.put("--ref-embeddings", refEmbeddings);
    given.put("--ref-labels", refLabels);
    given.put("--ref-label-sets", refLabelSets);
  }

  /** Reads the files, once {@link InputOptions#check} found that they are named. */
  Batch read(MaskOptions masks) {
    Input rows = Input.matrix("--embeddings", Objects.requireNonNull(embeddings), "embeddings");
    Input refs = null;
    if (refEmbeddings != null) {
      refs = Input.matrixLike(rows, "--ref-embeddings", refEmbeddings, "reference embeddings");
      refs.requireSameWidth(rows);
    }
    return new Batch(rows, relation(masks, rows, refs), refs);
  }

  private @Nullable Relation relation(MaskOptions masks, Input rows, @Nullable Input refs) {
    if (masks.positiveMask != null) {
      Input columns = refs == null ? rows : refs;
      MaskOptions.Masks read =
          masks.read(
              rows.tensor().size(0),
              columns.tensor().size(0),
              "embeddings (rows) and " + (refs == null ? "embeddings" : "references"));
      Input ignored = read.ignored();
      return Relation.ofMask(read.positives().tensor(), ignored == null ? null : ignored.tensor());
    }
    if (labelSets != null) {
      Input sets = Input.labelSets("--label-sets", labelSets, rows);
      Input others =
          refs == null
              ? null
              : Input.labelSets("--ref-label-sets", Objects.requireNonNull(refLabelSets), refs);
      if (others != null) {
        others.requireSameWidth(sets);
      }
      return Relation.ofLabelSets(sets.tensor(), others == null ? null : others.tensor());
    }
    if (labels == null) {
      return null;
    }
    Input classes = Input.labels("--labels", labels, rows);
    return refs == null
        ? Relation.of(classes.tensor())
        : Relation.of(
            classes.tensor(),
            Input.labels("--ref-labels", Objects.requireNonNull(refLabels), refs).tensor());
  }
}
