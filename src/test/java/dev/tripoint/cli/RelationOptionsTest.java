package dev.tripoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Masks and label sets in place of labels, and seeds. */
class RelationOptionsTest {
  private static final long[] LABELS = {1, 1, 1, 2, 2, 3};
  private static final int ROWS = LABELS.length;
  private static final String[] LOSS = {"loss", "pml.TripletMarginLoss", "--param", "margin=0.7"};
  private static final String[] MINER = {"miner", "pml.TripletMarginMiner"};

  @TempDir Path folder;

  private String e = "";
  private String l = "";
  private String mask = "";

  @BeforeEach
  void writeBatch() {
    double[] embeddings = new Random(3).doubles(ROWS * 3, -1, 1).toArray();
    e = NpyFile.write(folder.resolve("e.npy"), "<f8", new int[] {ROWS, 3}, embeddings);
    l =
        NpyFile.write(
            folder.resolve("l.npy"),
            "<i8",
            new int[] {ROWS},
            Arrays.stream(LABELS).asDoubleStream().toArray());
    mask = write("m.npy", "|b1", (i, j) -> LABELS[i] == LABELS[j]);
  }

  private interface Cell {
    boolean at(int i, int j);
  }

  private String write(String name, String descr, Cell cell) {
    double[] values = new double[ROWS * ROWS];
    for (int i = 0; i < values.length; i++) {
      values[i] = cell.at(i / ROWS, i % ROWS) ? 1 : 0;
    }
    return NpyFile.write(folder.resolve(name), descr, new int[] {ROWS, ROWS}, values);
  }

  private Run run(String[] start, String... more) {
    return Run.of(
        Stream.of(start, new String[] {"--embeddings", e, "--json"}, more)
            .flatMap(Stream::of)
            .toArray(String[]::new));
  }

  @Test
  void theMaskOfLabelsAndTheirSetsGiveWhatTheLabelsGive() {
    String sets =
        NpyFile.write(
            folder.resolve("s.npy"),
            "<u1",
            new int[] {ROWS, 3},
            Arrays.stream(LABELS)
                .boxed()
                .flatMap(label -> Stream.of(1, 2, 3).map(c -> c == label.intValue() ? 1.0 : 0.0))
                .mapToDouble(Double::doubleValue)
                .toArray());
    for (String[] start : List.of(LOSS, MINER)) {
      Run byLabels = run(start, "--labels", l);
      assertThat(byLabels.status()).as(byLabels.err()).isZero();
      assertThat(run(start, "--positive-mask", mask).out()).isEqualTo(byLabels.out());
      assertThat(run(start, "--label-sets", sets).out()).isEqualTo(byLabels.out());
    }
  }

  @Test
  void whatIsIgnoredIsInNoTriplet() throws IOException {
    String ignore = write("i.npy", "|b1", (i, j) -> i == 0 && j == 4);
    Run all = run(MINER, "--positive-mask", mask, "--param", "margin=9");
    Run some = run(MINER, "--positive-mask", mask, "--param", "margin=9", "--ignore-mask", ignore);
    assertThat(triplets(all)).contains("[0, 1, 4]");
    assertThat(triplets(some))
        .containsExactlyElementsOf(
            triplets(all).stream().filter(t -> !t.matches("\\[0, ., 4]")).toList());
  }

  private static List<String> triplets(Run run) throws IOException {
    List<String> found = new ArrayList<>();
    var answer = new com.fasterxml.jackson.databind.ObjectMapper().readTree(run.out());
    for (int i = 0; i < answer.get("anchor").size(); i++) {
      found.add(
          List.of(
                  answer.get("anchor").get(i).asLong(),
                  answer.get("positive").get(i).asLong(),
                  answer.get("negative").get(i).asLong())
              .toString());
    }
    return found;
  }

  @Test
  void aSeedGivesTheSameDraws() {
    String[] drawn = {"--labels", l, "--param", "triplets_per_anchor=3"};
    String first = run(LOSS, with(drawn, "--seed", "4")).out();
    assertThat(run(LOSS, with(drawn, "--seed", "4")).out()).isEqualTo(first);
    assertThat(run(LOSS, with(drawn, "--seed", "5")).out()).isNotEqualTo(first);
  }

  /** Two views of the same rows say by themselves what belongs together. */
  @ParameterizedTest
  @ValueSource(strings = {"pml.VICRegLoss", "pml.DynamicSoftMarginLoss"})
  void someLossesNeedNoLabels(String name) {
    String[] loss = {"loss", name};
    String view =
        NpyFile.write(
            folder.resolve("v.npy"),
            "<f8",
            new int[] {ROWS, 3},
            new Random(5).doubles(ROWS * 3, -1, 1).toArray());
    Run own = run(loss);
    Run views = run(loss, "--ref-embeddings", view);
    assertThat(own.status()).as(own.err()).isZero();
    assertThat(views.status()).as(views.err()).isZero();
    assertThat(views.out()).isNotEqualTo(own.out());
    assertThat(run(loss, "--ref-embeddings", view, "--ref-labels", l).isRefusal()).isTrue();
  }

  @Test
  void weightsMayBeAList() throws IOException {
    String[] loss = {
      "loss", "pml.MarginLoss", "--labels", l, "--param", "learn_beta=true", "--param", "nu=0.5"
    };
    String[] classes = {"--param", "num_classes=4", "--param", "beta=0.75"};
    double[] values = {0.75, 0.75, 0.75, 0.75};
    String list = NpyFile.write(folder.resolve("w.npy"), "<f4", new int[] {4}, values);
    Run asTheyBegin = run(loss, classes);
    assertThat(asTheyBegin.status()).as(asTheyBegin.err()).isZero();
    Run given = run(loss, with(classes, "--weights", list, "--grad-out", list));
    assertThat(given.out()).as(given.err()).isEqualTo(asTheyBegin.out());
    assertThat(NpyFile.read(Path.of(list + ".weights.npy")).shape()).isEqualTo("(4,)");
    assertThat(run(loss, "--weights", list).err()).contains("beta must have 1 entries, but has 4");
  }

  @Test
  void aMinerNeedsLabels() {
    Run run =
        run(new String[] {"loss", "pml.DynamicSoftMarginLoss", "--miner", "pml.BatchHardMiner"});
    assertThat(run.isRefusal()).isTrue();
    assertThat(run.err()).contains("a miner needs --labels");
  }

  private static String[] with(String[] start, String... more) {
    return Stream.of(start, more).flatMap(Stream::of).toArray(String[]::new);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--positive-mask M --labels L | --labels and --positive-mask say the same thing",
        "--ignore-mask M --labels L | takes a batch with labels (--embeddings, --labels), not --ignore-mask",
        "--positive-mask L | the mask of --positive-mask is shape [6]",
        "--label-sets L | label sets must be a matrix",
        "--positive-mask M --weights E | not --weights",
        "--labels L --embedding-reg-weight 2 | needs --embedding-regularizer",
        "--labels L --embedding-regularizer pml.None | there is no regularizer 'pml.None'",
      })
  void whatDoesNotFitIsNamed(String options, String says) {
    String[] given =
        Stream.of(options.strip().split(" ", -1))
            .map(word ->
                switch (word) {
                  case "M" -> mask;
                  case "L" -> l;
                  case "E" -> e;
                  default -> word;
                })
            .toArray(String[]::new);
    Run run = run(LOSS, given);
    assertThat(run.isRefusal()).as(run.err()).isTrue();
    assertThat(run.err()).contains(says.strip());
  }
}
