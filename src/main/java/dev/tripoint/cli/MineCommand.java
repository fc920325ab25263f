package dev.tripoint.cli;

import dev.tripoint.catalog.Range;
import dev.tripoint.corpus.Negatives;
import dev.tripoint.miner.HardNegatives;
import dev.tripoint.tensor.TensorScope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * {@code tripoint mine}: hard negatives from scores and a mask of the positives, or from a corpus.
 */
@picocli.CommandLine.Command(
    description = {
      "Find hard negatives: from scores and a mask of the positives (--similarities, --positive-mask),",
      "or of queries in a corpus by cosine similarity (--queries, --corpus, --positives)."
    },
    sortOptions = false,
    footer = {
      "",
      "Strategies compare a negative with the positive it is found for: hardest takes any, hard a",
      "more similar one, semihard a less similar one (with --margin, by less than that), easy one",
      "less similar by more than --margin (default 0). Of those the most similar is taken, ties to",
      "the lowest index. Where scores are square, the diagonal counts as neither.",
      "",
      "Over a corpus, --param sets what mine_hard_negatives of sentence-transformers has: range_min=0,",
      "range_max (by default num_negatives, 10 times as many with a margin or max_score, + range_min +",
      "the most positives of a query), num_negatives=3, max_score, min_score, absolute_margin,",
      "relative_margin, sampling_strategy=top (or random, by seed=0), include_positives=false,",
      "output_scores=false; and deduplicate=false, whether equal rows of the corpus are one.",
      "",
      "Examples:",
      "  tripoint mine --similarities S.npy --positive-mask M.npy --strategy semihard --json",
      "  tripoint mine --similarities D.npy --positive-mask M.npy --distances --per anchor",
      "  tripoint mine --queries Q.npy --corpus C.npy --positives P.jsonl --param num_negatives=4",
    })
final class MineCommand extends Command {
  private static final List<String> STRATEGIES = List.of("hardest", "semihard", "hard", "easy");
  private static final List<String> PER = List.of("positive", "anchor");
  private static final List<String> OUTPUTS = List.of("indices", "mask");

  @Mixin ScoreOptions scores = new ScoreOptions();

  @Mixin MaskOptions masks = new MaskOptions();

  @Option(
      names = "--strategy",
      paramLabel = "WORD",
      description = "hardest, semihard, hard or easy. Default: hardest.")
  String strategy = "hardest";

  @Option(
      names = "--margin",
      paramLabel = "NUMBER",
      description = "For semihard and easy. Default: none for semihard, 0 for easy.")
  @Nullable String margin;

  @Option(names = "--all", description = "Every admitted negative, not only the most similar.")
  boolean all;

  @Option(
      names = "--per",
      paramLabel = "WORD",
      description =
          "positive: one for each anchor and positive; anchor: one for each anchor that has a"
              + " positive. Default: positive.")
  String per = "positive";

  @Option(
      names = "--output",
      paramLabel = "WORD",
      description = "indices, or mask for the chosen negatives as 0 and 1. Default: indices.")
  String output = "indices";

  @Option(names = "--queries", paramLabel = "FILE", description = "Queries, [Q, D].")
  @Nullable String queries;

  @Option(names = "--corpus", paramLabel = "FILE", description = "Rows to choose from, [C, D].")
  @Nullable String corpus;

  @Option(
      names = "--positives",
      paramLabel = "FILE",
      description =
          "Lines of JSON arrays: line i has the corpus rows that are positives of query i.")
  @Nullable String positives;

  @Option(
      names = "--param",
      paramLabel = "K=V",
      description = "A parameter of mining over a corpus; repeatable.")
  List<String> parameters = new ArrayList<>();

  @Option(names = "--json", description = "Answer with one JSON document.")
  boolean json;

  /** Everything that the answer needs, out of LibTorch's hands. */
  private record Answer(Map<String, long[]> columns, long without, boolean[] mask, long[] shape) {}

  @Override
  int run(Console console) throws IOException {
    if (queries != null || corpus != null || positives != null) {
      return overCorpus(console);
    }
    if (!parameters.isEmpty()) {
      throw new UsageException("--param belongs to mining over a corpus, which needs --queries");
    }
    OptionValues.word("--strategy", strategy, STRATEGIES);
    OptionValues.word("--per", per, PER);
    OptionValues.word("--output", output, OUTPUTS);
    Double gap = OptionValues.real("--margin", margin, Range.atLeast(0));
    if (gap != null && !strategy.equals("semihard") && !strategy.equals("easy")) {
      throw new UsageException(
          "--margin has a meaning with --strategy semihard or easy only, not with %s", strategy);
    }
    if (scores.similarities == null || masks.positiveMask == null) {
      throw new UsageException(
          "mine needs %s (or --queries, --corpus and --positives for a corpus)",
          scores.similarities == null ? "--similarities" : "--positive-mask");
    }
    Answer answer = mine(gap);
    if (json) {
      Json.line(console, document -> write(document, answer));
    } else if (output.equals("mask")) {
      printMask(console, answer);
    } else {
      console.println(
          "%d negatives; %d %s without"
              .formatted(
                  answer.columns.get("negative").length,
                  answer.without,
                  per.equals("anchor") ? "anchors" : "positives"));
      TupleAnswer.print(console, answer.columns);
    }
    return 0;
  }

  private int overCorpus(Console console) throws IOException {
    if (queries == null || corpus == null || positives == null) {
      throw new UsageException("mining over a corpus needs --queries, --corpus and --positives");
    }
    Map<String, @Nullable String> others = new LinkedHashMap<>();
    scores.addTo(others);
    masks.addTo(others);
    others.put("--all", all ? "" : null);
    others.put("--margin", margin);
    others.forEach((option, value) -> {
      if (value != null) {
        throw new UsageException(
            "%s belongs to mining from scores and has no meaning with --queries", option);
      }
    });
    CorpusMining mining = new CorpusMining(parameters);
    List<Negatives> negatives = mining.mine(queries, corpus, positives);
    if (json) {
      Json.line(
          console,
          answer -> {
            answer.longs("query", LongStream.range(0, negatives.size()).toArray());
            answer.array(
                "negative",
                rows -> {
                  for (Negatives each : negatives) {
                    rows.longs(null, each.rows());
                  }
                });
            if (mining.outputScores()) {
              answer.array(
                  "score",
                  rows -> {
                    for (Negatives each : negatives) {
                      double[] scores = each.scores();
                      rows.nested(null, scores, new long[] {scores.length});
                    }
                  });
            }
          });
      return 0;
    }
    for (int query = 0; query < negatives.size(); query++) {
      Negatives each = negatives.get(query);
      StringBuilder line = new StringBuilder(query + ":");
      for (int i = 0; i < each.rows().length; i++) {
        line.append(' ').append(each.rows()[i]);
        if (mining.outputScores()) {
          line.append(" (").append(Text.number(each.scores()[i])).append(')');
        }
      }
      console.println(line.toString());
    }
    return 0;
  }

  private Answer mine(@Nullable Double gap) {
    try (TensorScope _ = TensorScope.open()) {
      Input read = scores.read();
      MaskOptions.Masks by = ScoreOptions.masks(masks, read);
      Input ignored = by.ignored();
      var miner =
          new HardNegatives(
              HardNegatives.Strategy.valueOf(strategy.toUpperCase(Locale.ROOT)),
              HardNegatives.Per.valueOf(per.toUpperCase(Locale.ROOT)),
              gap,
              all,
              scores.distances,
              scores.keepDiagonal);
      HardNegatives.Mined mined =
          miner.mine(
              read.tensor(), by.positives().tensor(), ignored == null ? null : ignored.tensor());
      Map<String, long[]> columns = new LinkedHashMap<>();
      columns.put("anchor", mined.anchor().toLongArray());
      if (per.equals("positive")) {
        columns.put("positive", mined.positive().toLongArray());
      }
      columns.put("negative", mined.negative().toLongArray());
      long[] shape = read.tensor().sizes();
      boolean[] chosen =
          output.equals("mask") ? mined.mask(shape[0], shape[1]).toBooleanArray() : new boolean[0];
      return new Answer(columns, mined.withoutNegative(), chosen, shape);
    }
  }

  private void write(Json document, Answer answer) throws IOException {
    if (!output.equals("mask")) {
      TupleAnswer.members(document, answer.columns);
      document.member("without_negative", answer.without);
      return;
    }
    int width = (int) answer.shape[1];
    document.array(
        "mask",
        rows -> {
          for (int row = 0; row < answer.shape[0]; row++) {
            int from = row * width;
            rows.array(
                null,
                cells -> {
                  for (int i = from; i < from + width; i++) {
                    cells.value(answer.mask[i] ? 1L : 0L);
                  }
                });
          }
        });
  }

  private static void printMask(Console console, Answer answer) throws IOException {
    int width = (int) answer.shape[1];
    for (int row = 0; row < answer.shape[0]; row++) {
      StringBuilder line = new StringBuilder();
      for (int i = row * width; i < (row + 1) * width; i++) {
        line.append(answer.mask[i] ? '1' : '.');
      }
      console.println(line.toString());
    }
  }
}
