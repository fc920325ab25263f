package dev.tripoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The measures themselves are held against their references by {@code EvaluationParityTest}. */
class EvalCommandTest {
  @TempDir Path folder;
  private String x = "";
  private String y = "";

  @BeforeEach
  void write() {
    x = rows("x", 1, 0, 1, .1, 0, 1, .1, 1);
    y = whole("y", 0, 0, 1, 1);
  }

  private String rows(String name, double... values) {
    return NpyFile.write(
        folder.resolve(name + ".npy"), "<f4", new int[] {values.length / 2, 2}, values);
  }

  private String whole(String name, double... values) {
    return NpyFile.write(folder.resolve(name + ".npy"), "<i8", new int[] {values.length}, values);
  }

  private String lines(String... lines) throws IOException {
    return Files.writeString(folder.resolve("r.jsonl"), String.join("\n", lines)).toString();
  }

  private static String json(String... args) {
    Run run = Run.of(args);
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    return run.out();
  }

  @Test
  void measuresOfClasses() {
    assertThat(json("eval", "--embeddings", x, "--labels", y, "--json"))
        .isEqualTo("{\"map_at_r\":1.0,\"recall_at_1\":1.0,\"r_precision\":1.0}\n");
    String c = whole("c", 5, 5, 7, 7);
    assertThat(json("eval", "--embeddings", x, "--labels", y, "--measures", "all", "--json"))
        .isEqualTo(
            "{\"map_at_r\":1.0,\"recall_at_1\":1.0,\"r_precision\":1.0,"
                + "\"mean_average_precision\":1.0,\"mean_reciprocal_rank\":1.0,"
                + "\"AMI\":1.0,\"NMI\":1.0}\n");
    assertThat(json("eval", "--embeddings", x, "--labels", y, "--clusters", c, "--json"))
        .endsWith("\"r_precision\":1.0,\"AMI\":1.0,\"NMI\":1.0}\n");
    String crossed = whole("c", 5, 7, 5, 7);
    assertThat(
            json(
                "eval",
                "--embeddings",
                x,
                "--labels",
                y,
                "--clusters",
                crossed,
                "--measures",
                "NMI,precision_at_1,NMI",
                "--json"))
        .isEqualTo("{\"NMI\":0.0,\"precision_at_1\":1.0}\n");
  }

  @Test
  void meansOfClasses() {
    y = whole("y", 0, 1, 1, 1);
    String[] call = {"eval", "--embeddings", x, "--labels", y, "--measures", "recall_at_1"};
    assertThat(json(with(call, "--json"))).startsWith("{\"recall_at_1\":0.666");
    assertThat(json(with(call, "--per-class", "--json")))
        .startsWith("{\"classes\":[1],\"recall_at_1\":[0.666");
    assertThat(json(with(call, "--avg-of-avgs", "--json"))).startsWith("{\"recall_at_1\":0.666");
    assertThat(json(with(call, "--per-class"))).isEqualTo("recall_at_1 of class 1  0.6667\n");
    y = whole("y", 0, 1, 2, 3);
    assertThat(json("eval", "--embeddings", x, "--labels", y, "--json"))
        .isEqualTo("{\"map_at_r\":null,\"recall_at_1\":null,\"r_precision\":null}\n");
    assertThat(json("eval", "--embeddings", x, "--labels", y))
        .startsWith("map_at_r     none: no class has two rows\n");
    assertThat(
            json(
                "eval",
                "--embeddings",
                x,
                "--labels",
                y,
                "--per-class",
                "--measures",
                "recall_at_1",
                "--json"))
        .isEqualTo("{\"classes\":[0,1,2,3],\"recall_at_1\":[null,null,null,null]}\n");
  }

  @Test
  void references() {
    String r = rows("r", 0, 1, 1, 0, 1, 1);
    String rl = whole("rl", 0, 0, 1);
    String[] call = {
      "eval", "--embeddings", x, "--labels", y, "--ref-embeddings", r, "--ref-labels", rl
    };
    assertThat(json(with(call, "--measures", "recall_at_1", "--json")))
        .isEqualTo("{\"recall_at_1\":0.5}\n");
    assertThat(json(with(call, "--measures", "mean_reciprocal_rank", "--k", "1", "--json")))
        .isEqualTo("{\"mean_reciprocal_rank\":0.5}\n");
    assertThat(json(with(call, "--measures", "mean_reciprocal_rank", "--json")))
        .isEqualTo("{\"mean_reciprocal_rank\":0.75}\n");
    assertThat(json(with(call, "--measures", "mean_reciprocal_rank", "--k", "max_bin_count")))
        .isEqualTo("mean_reciprocal_rank  0.7500\n");
    assertThat(
            json(
                "eval",
                "--embeddings",
                x,
                "--labels",
                y,
                "--ref-embeddings",
                x,
                "--ref-labels",
                y,
                "--ref-includes-query",
                "--json"))
        .isEqualTo("{\"map_at_r\":1.0,\"recall_at_1\":1.0,\"r_precision\":1.0}\n");
    assertThat(Run.of(with(call, "--ref-includes-query")).err())
        .contains("there are 3 references, which cannot include 4 queries");
    whole("rl", 7, 8, 9);
    assertThat(json(call)).contains("none: no query has a reference of its class");
  }

  @Test
  void distances() {
    // By direction row 0 is nearest to row 1, by place to row 2.
    x = rows("x", 1, 0, 9, 0, 1, 1);
    y = whole("y", 0, 0, 1);
    String[] call = {"eval", "--embeddings", x, "--labels", y, "--measures", "recall_at_1"};
    assertThat(json(with(call, "--json"))).isEqualTo("{\"recall_at_1\":1.0}\n");
    assertThat(json(with(call, "--distance", "euclidean", "--json")))
        .isEqualTo("{\"recall_at_1\":0.5}\n");
    assertThat(json(with(call, "--distance", "dot", "--json")))
        .isEqualTo("{\"recall_at_1\":1.0}\n");
  }

  @Test
  void informationRetrieval() throws IOException {
    String q = rows("q", 1, 0, 0, 1, 1, 1);
    String c = rows("d", 1, 0, 1, 1, 0, 1);
    String r = lines("[0, 2]", "[0]", "[]", "");
    String[] call = {"eval", "--queries", q, "--corpus", c, "--relevant", r};
    assertThat(json(with(call, "--measures", "recall@1,mrr@10,precision@2", "--json")))
        .isEqualTo("{\"recall@1\":0.25,\"mrr@10\":0.6666666666666666,\"precision@2\":0.25}\n");
    assertThat(json(with(call, "--json")))
        .startsWith("{\"accuracy@1\":0.5,\"accuracy@3\":1.0,")
        .contains("\"ndcg@10\":")
        .contains("\"map@100\":");
    assertThat(json(with(call, "--measures", "all"))).contains("mrr@10        0.6667\n");
    lines("[]", "[]", "[]");
    assertThat(json(with(call, "--measures", "map@10")))
        .isEqualTo("map@10  none: no query has a relevant document\n");
  }

  @Test
  void rowsThatBelongTogether() {
    String p = rows("p", 1, 0, 0, 1, 0, 1, 1, 0);
    String t = whole("t", 1, 0, 1, 0);
    String[] call = {"eval", "--anchor", x, "--positive", p};
    assertThat(json(with(call, "--targets", t, "--measures", "accuracy,f1,ap,mcc", "--json")))
        .isEqualTo("{\"accuracy\":1.0,\"f1\":1.0,\"ap\":1.0,\"mcc\":1.0}\n");
    assertThat(json(with(call, "--targets", t, "--json")))
        .contains("\"accuracy_threshold\":0.5497")
        .endsWith(",\"pearson\":1.0,\"spearman\":1.0}\n");
    String judged = whole("j", 5, 2, 4, 1);
    assertThat(json(with(call, "--targets", judged, "--json")))
        .startsWith("{\"pearson\":0.")
        .doesNotContain("accuracy");
    assertThat(json(with(call, "--targets", whole("same", 3, 3, 3, 3))))
        .contains("pearson   none: one side is constant");
    String n = rows("n", 0, 1, 0, 1, 0, 1, 0, 1);
    assertThat(json(with(call, "--negative", n, "--json"))).isEqualTo("{\"accuracy\":0.25}\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--embeddings X --labels Y --queries a | --queries belongs to an evaluation with --queries, --corpus and --relevant, not with --embeddings",
        "--anchor a --queries b | --anchor belongs to an evaluation with",
        "--queries a --corpus b | needs --queries, --corpus and --relevant",
        "--anchor a --positive b | with --targets or --negative",
        "--anchor a --positive b --targets c --negative d | with --targets or --negative",
        "--embeddings X --labels Y --measures recal_at_1 | there is no measure 'recal_at_1' here; did you mean recall_at_1",
        "--embeddings X --labels Y --measures '' | there is no measure",
        "--embeddings X --labels Y --measures ndcg@10 | there are map_at_r",
        "--embeddings X --labels Y --k 0 | --k must be a whole number from 1 on, all or max_bin_count, not '0'",
        "--embeddings X --labels Y --k x | not 'x'",
        "--embeddings X --labels Y --distance cosin | did you mean cosine",
        "--embeddings X --labels Y --per-class --avg-of-avgs | exclude each other",
        "--embeddings X --labels Y --ref-embeddings X | go together",
        "--embeddings X --labels Y --ref-includes-query | has no meaning without --ref-embeddings",
        "--embeddings X --labels Y --clusters Y --seed 1 | --seed has no meaning",
        "--embeddings X --labels Y --seed 1 | --seed belongs to the measures AMI and NMI",
        "--embeddings X --labels Y --clusters Y --measures r_precision | --clusters belongs to the measures AMI and NMI",
        "--embeddings X --labels Y --measures NMI --seed -1 | --seed must be a whole number",
        "--embeddings X --labels Y --clusters X | labels must be of an integer type",
        "--embeddings X --labels X | labels must be of an integer type",
        "--embeddings X --labels Y --ref-embeddings X --ref-labels SHORT | has 3 labels",
        "--embeddings X --labels Y --clusters SHORT | has 3 labels",
        "--queries X --corpus X --relevant none.jsonl | none.jsonl: no such file (--relevant)",
        "--queries X --corpus X --relevant LINES | has 1 lines, but",
        "--queries X --corpus X --relevant LINES --measures ndgc@10 | there is no measure 'ndgc@10'",
        "--queries X --corpus X --relevant LINES --measures recall_at_1 | there is no measure 'recall_at_1' of information retrieval",
        "--anchor X --positive X --targets SHORT | has 3 targets",
        "--anchor X --positive X --targets Y --measures ndcg | there is no measure 'ndcg' here; there are accuracy",
        "--anchor X --positive X --negative X --measures f1 | there is no measure 'f1' here",
      })
  void badInputIsOneSentence(String args, String message) throws IOException {
    String line =
        args.replace("X", x)
            .replace("Y", y)
            .replace("SHORT", whole("short", 1, 2, 3))
            .replace("LINES", lines("[0]"));
    Run run = Run.line("eval " + line);
    assertThat(run.isRefusal()).as("%s", run).isTrue();
    assertThat(run.err()).contains(message);
    assertThat(Run.line("eval " + line + " --json").out()).isEmpty();
  }

  private static String[] with(String[] call, String... more) {
    return Stream.of(call, more).flatMap(Arrays::stream).toArray(String[]::new);
  }
}
