package dev.tripoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code loss} with good input: values, gradients and files, against plain Java. */
class LossCommandTest {
  private static final int ROWS = 8;
  private static final int WIDTH = 3;
  private static final long SEED = 7;

  @TempDir Path folder;

  private double[] embeddings = new double[0];
  private long[] labels = new long[0];
  private String e = "";
  private String l = "";

  @BeforeEach
  void writeBatch() {
    Random random = new Random(SEED);
    embeddings = random.doubles(ROWS * WIDTH, -1, 1).map(x -> (float) x).toArray();
    labels = new long[] {1, 1, 1, 2, 2, 3, 3, 3};
    e = NpyFile.write(folder.resolve("e.npy"), "<f4", new int[] {ROWS, WIDTH}, embeddings);
    l = NpyFile.write(folder.resolve("l.npy"), "<i8", new int[] {ROWS}, asDoubles(labels));
  }

  private static double[] asDoubles(long[] values) {
    return Arrays.stream(values).asDoubleStream().toArray();
  }

  static double number(String json, String name) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      while (parser.nextToken() != null) {
        if (parser.currentToken() == JsonToken.FIELD_NAME && parser.currentName().equals(name)) {
          parser.nextToken();
          return parser.getDoubleValue();
        }
      }
    }
    throw new IOException("no " + name + " in " + json);
  }

  private double distance(double[] x, int i, int j) {
    double sum = 0;
    for (int k = 0; k < WIDTH; k++) {
      double d = x[i * WIDTH + k] - x[j * WIDTH + k];
      sum += d * d;
    }
    return Math.sqrt(sum);
  }

  /** The mean over anchors of max(0, farthest positive − nearest negative + margin). */
  private double batchHard(double[] x, double margin) {
    double sum = 0;
    for (int a = 0; a < ROWS; a++) {
      double positive = 0;
      double negative = Double.POSITIVE_INFINITY;
      for (int j = 0; j < ROWS; j++) {
        if (labels[a] == labels[j]) {
          positive = Math.max(positive, distance(x, a, j));
        } else {
          negative = Math.min(negative, distance(x, a, j));
        }
      }
      sum += Math.max(0, positive - negative + margin);
    }
    return sum / ROWS;
  }

  private Run batchHardRun(String... more) {
    String[] start = {
      "loss", "online.batch_hard", "--embeddings", e, "--labels", l, "--param", "margin=0.4"
    };
    return Run.of(Stream.concat(Stream.of(start), Stream.of(more)).toArray(String[]::new));
  }

  @Test
  void valueAndGradient() throws IOException {
    Run run = batchHardRun("--json", "--grad-out", folder.resolve("g").toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out()).endsWith("\n");
    assertThat(run.out().strip().lines()).hasSize(1);
    assertThat(number(run.out(), "loss")).isCloseTo(batchHard(embeddings, 0.4), within(1e-5));
    NpyFile.Content gradient = NpyFile.read(folder.resolve("g.embeddings.npy"));
    assertThat(gradient.descr()).isEqualTo("<f4");
    assertThat(gradient.shape()).isEqualTo("(8, 3)");
    double step = 1e-6;
    for (int i = 0; i < embeddings.length; i++) {
      double[] up = embeddings.clone();
      double[] down = embeddings.clone();
      up[i] += step;
      down[i] -= step;
      double expected = (batchHard(up, 0.4) - batchHard(down, 0.4)) / (2 * step);
      assertThat(gradient.values()[i]).isCloseTo(expected, within(1e-3));
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(p -> p.getFileName().toString()))
          .containsExactlyInAnyOrder("e.npy", "l.npy", "g.embeddings.npy");
    }
  }

  @Test
  void peopleGetAFewLines() {
    Run run = batchHardRun();
    assertThat(run.status()).isZero();
    assertThat(run.out()).matches("loss +\\S+\n");
  }

  @ParameterizedTest
  @CsvSource({"<f8,<f8", ">f8,<f8", "<f2,<f2", ">f4,<f4", "<f4,<f4"})
  void gradientsHaveTheTypeOfTheInput(String descr, String expected) throws IOException {
    e = NpyFile.write(folder.resolve("x.npy"), descr, new int[] {ROWS, WIDTH}, embeddings);
    Run run = batchHardRun("--json", "--grad-out", folder.resolve("g").toString());
    assertThat(run.err()).isEmpty();
    assertThat(NpyFile.read(folder.resolve("g.embeddings.npy")).descr()).isEqualTo(expected);
    assertThat(number(run.out(), "loss"))
        .isCloseTo(batchHard(embeddings, 0.4), within(descr.endsWith("2") ? 2e-3 : 1e-5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"|i1", "|u1", "<i2", "<u2", "<i4", ">i4", "<u4", "<i8", "<u8"})
  void labelsOfAnyIntegerType(String descr) throws IOException {
    l = NpyFile.write(folder.resolve("y.npy"), descr, new int[] {ROWS}, asDoubles(labels));
    Run run = batchHardRun("--json");
    assertThat(run.err()).isEmpty();
    assertThat(number(run.out(), "loss")).isCloseTo(batchHard(embeddings, 0.4), within(1e-5));
  }

  @Test
  void whatNothingDependsOnGetsZeros() throws IOException {
    String refs = NpyFile.write(folder.resolve("r.npy"), "<f4", new int[] {2, 3}, 1, 2, 3, 4, 5, 7);
    String refLabels = NpyFile.write(folder.resolve("rl.npy"), "<i8", new int[] {2}, 50, 60);
    Run run =
        Run.of(
            "loss",
            "pml.TripletMarginLoss",
            "--embeddings",
            e,
            "--labels",
            l,
            "--ref-embeddings",
            refs,
            "--ref-labels",
            refLabels,
            "--json",
            "--grad-out",
            folder.resolve("g").toString());
    assertThat(run.err()).isEmpty();
    assertThat(number(run.out(), "loss")).isZero();
    assertThat(NpyFile.read(folder.resolve("g.embeddings.npy")).values())
        .hasSize(ROWS * WIDTH)
        .containsOnly(0);
    assertThat(NpyFile.read(folder.resolve("g.ref_embeddings.npy")).values())
        .hasSize(6)
        .containsOnly(0);
  }

  @Test
  void composesDistanceMinerAndReducer() throws IOException {
    Run run =
        Run.of(
            "loss",
            "pml.TripletMarginLoss",
            "--embeddings",
            e,
            "--labels",
            l,
            "--param",
            "margin=0.3",
            "--distance",
            "pml.LpDistance",
            "--distance-param",
            "normalize_embeddings=false",
            "--miner",
            "pml.BatchHardMiner",
            "--miner-distance",
            "pml.LpDistance",
            "--miner-distance-param",
            "normalize_embeddings=false",
            "--reducer",
            "pml.MeanReducer",
            "--json");
    assertThat(run.err()).isEmpty();
    // Of each anchor the hardest triplet, averaged over all: batch-hard by another way.
    assertThat(number(run.out(), "loss")).isCloseTo(batchHard(embeddings, 0.3), within(1e-5));
  }

  @Test
  void rowsWithoutReduction() throws IOException {
    String a = NpyFile.write(folder.resolve("a.npy"), "<f8", new int[] {2, 2}, 0, 0, 1, 1);
    String p = NpyFile.write(folder.resolve("p.npy"), "<f8", new int[] {2, 2}, 3, 4, 1, 1);
    String n = NpyFile.write(folder.resolve("n.npy"), "<f8", new int[] {2, 2}, 0, 1, 9, 9);
    Run run =
        Run.of(
            "loss",
            "torch.TripletMarginWithDistanceLoss",
            "--anchor",
            a,
            "--positive",
            p,
            "--negative",
            n,
            "--distance",
            "l1",
            "--param",
            "reduction=none",
            "--json",
            "--grad-out",
            folder.resolve("g").toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).isEqualTo("{\"loss\":[7.0,0.0],\"stats\":{}}\n");
    assertThat(NpyFile.read(folder.resolve("g.positive.npy")).values())
        .usingComparatorWithPrecision(0.0)
        .containsExactly(1, 1, 0, 0);
    assertThat(NpyFile.read(folder.resolve("g.negative.npy")).values())
        .usingComparatorWithPrecision(0.0)
        .containsExactly(0, -1, 0, 0);
    assertThat(NpyFile.read(folder.resolve("g.anchor.npy")).values())
        .usingComparatorWithPrecision(0.0)
        .containsExactly(-1, 0, 0, 0);
  }

  @ParameterizedTest
  @CsvSource({"euclidean,4.0", "l1,6.0", "linf,3.0"})
  void torchDistancesByName(String distance, double expected) throws IOException {
    String a = NpyFile.write(folder.resolve("a.npy"), "<f8", new int[] {1, 2}, 0, 0);
    String p = NpyFile.write(folder.resolve("p.npy"), "<f8", new int[] {1, 2}, 3, 4);
    String n = NpyFile.write(folder.resolve("n.npy"), "<f8", new int[] {1, 2}, 0, 2);
    Run run =
        Run.of(
            "loss",
            "torch.TripletMarginWithDistanceLoss",
            "--anchor",
            a,
            "--positive",
            p,
            "--negative",
            n,
            "--distance",
            distance,
            "--json");
    assertThat(number(run.out(), "loss")).isCloseTo(expected, within(1e-5));
  }

  @Test
  void scoresAndMask() throws IOException {
    String s = NpyFile.write(folder.resolve("s.npy"), "<f4", new int[] {1, 3}, 0.5, 0.75, 0.25);
    String m = NpyFile.write(folder.resolve("m.npy"), "|b1", new int[] {1, 3}, 1, 0, 0);
    Run run =
        Run.of(
            "loss",
            "masked.TripletLoss",
            "--similarities",
            s,
            "--positive-mask",
            m,
            "--param",
            "alpha=0.5",
            "--json",
            "--grad-out",
            folder.resolve("g").toString());
    assertThat(run.err()).isEmpty();
    assertThat(number(run.out(), "loss")).isEqualTo(0.75);
    assertThat(NpyFile.read(folder.resolve("g.similarities.npy")).values())
        .containsExactly(-1, 1, 0);
    Run none =
        Run.of(
            "loss",
            "masked.TripletLoss",
            "--similarities",
            s,
            "--positive-mask",
            m,
            "--param",
            "alpha=0.5",
            "--param",
            "strategy=semihard",
            "--distances",
            "--json");
    assertThat(number(none.out(), "loss")).isEqualTo(0.25);
  }

  @Test
  void mineFindsNegatives() {
    String s =
        NpyFile.write(folder.resolve("s.npy"), "<f4", new int[] {2, 3}, .5, .75, .25, .1, .2, .2);
    String m = NpyFile.write(folder.resolve("m.npy"), "|b1", new int[] {2, 3}, 1, 0, 0, 1, 0, 0);
    String[] mine = {"mine", "--similarities", s, "--positive-mask", m, "--json"};
    assertThat(Run.of(mine).out())
        .isEqualTo(
            "{\"anchor\":[0,1],\"positive\":[0,0],\"negative\":[1,1],\"without_negative\":0}\n");
    assertThat(with(mine, "--all").out())
        .isEqualTo(
            "{\"anchor\":[0,0,1,1],\"positive\":[0,0,0,0],\"negative\":[1,2,1,2],\"without_negative\":0}\n");
    assertThat(with(mine, "--strategy", "semihard", "--per", "anchor").out())
        .isEqualTo("{\"anchor\":[0],\"negative\":[2],\"without_negative\":1}\n");
    assertThat(with(mine, "--output", "mask").out()).isEqualTo("{\"mask\":[[0,1,0],[0,1,0]]}\n");
    // A mask of whole numbers that are 0 or 1 will do.
    NpyFile.write(folder.resolve("m.npy"), "<i8", new int[] {2, 3}, 1, 0, 0, 1, 0, 0);
    assertThat(with(mine, "--output", "mask").out()).isEqualTo("{\"mask\":[[0,1,0],[0,1,0]]}\n");
  }

  @Test
  void mineLooksThroughACorpus() throws IOException {
    String q = NpyFile.write(folder.resolve("q.npy"), "<f4", new int[] {2, 2}, 1, 0, 0, 2);
    String c =
        NpyFile.write(folder.resolve("c.npy"), "<f4", new int[] {4, 2}, 1, 0, 3, 1, 1, 1, 0, 1);
    Path p = folder.resolve("p.jsonl");
    Files.writeString(p, "[0]\n[]\n\n");
    String[] mine = {
      "mine",
      "--queries",
      q,
      "--corpus",
      c,
      "--positives",
      p.toString(),
      "--param",
      "num_negatives=2",
      "--json"
    };
    assertThat(Run.of(mine).out()).isEqualTo("{\"query\":[0,1],\"negative\":[[1,2],[3,2]]}\n");
    assertThat(with(mine, "--param", "absolute_margin=0.2").out())
        .isEqualTo("{\"query\":[0,1],\"negative\":[[2,3],[3,2]]}\n");
    Files.writeString(p, "[0]\n[4]\n");
    assertThat(Run.of(mine).err()).contains("line 2 names row 4");
    Files.writeString(p, "[0]\n");
    assertThat(Run.of(mine).err()).contains("has 1 lines");
    Files.writeString(p, "[0]\n{}\n");
    assertThat(Run.of(mine).err()).contains("line 2 is not a JSON array");
    Files.delete(p);
    assertThat(Run.of(mine).isRefusal()).isTrue();
  }

  private static Run with(String[] start, String... more) {
    return Run.of(Stream.concat(Stream.of(start), Stream.of(more)).toArray(String[]::new));
  }

  @Test
  void minersGivePairsAndTriplets() {
    Run triplets =
        Run.of("miner", "pml.BatchHardMiner", "--embeddings", e, "--labels", l, "--json");
    assertThat(triplets.err()).isEmpty();
    assertThat(triplets.out()).startsWith("{\"anchor\":[0,1,2,3,4,5,6,7],\"positive\":[");
    Run pairs = Run.of("miner", "pml.PairMarginMiner", "--embeddings", e, "--labels", l, "--json");
    assertThat(pairs.out()).startsWith("{\"anchor_positive\":[").contains("\"anchor_negative\":[");
    Run text = Run.of("miner", "pml.BatchHardMiner", "--embeddings", e, "--labels", l);
    assertThat(text.out()).startsWith("8 triplets\n");
  }

  @Test
  void infoNamesVersions() throws IOException {
    Run run = Run.of("info", "--json");
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("\"tripoint\" : \"" + Version.TEXT + "\"")
        .contains("\"jdk\" : \"" + Runtime.version() + "\"")
        .contains("\"cpu\"")
        .contains("\"why\"");
    assertThat(number(run.out(), "threads")).isPositive();
    assertThat(Run.of("info").out()).contains("libtorch");
  }
}
