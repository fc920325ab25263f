package dev.tripoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Files and values that cannot be used: status 2, one sentence that names them, and nothing left
 * behind.
 */
class BadInputTest {
  private static final int[] MATRIX = {6, 2};
  private static final double[] VALUES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  private static final double[] LABELS = {1, 1, 2, 2, 3, 3};

  @TempDir Path folder;
  private Path out = Path.of("");

  @BeforeEach
  void makeOutputFolder() throws IOException {
    out = Files.createDirectory(folder.resolve("out"));
  }

  private static String matrix(Path file) {
    return NpyFile.write(file, "<f4", MATRIX, VALUES);
  }

  private static String with(Path file, int at, double value) {
    double[] values = VALUES.clone();
    values[at] = value;
    return NpyFile.write(file, "<f4", MATRIX, values);
  }

  private static String raw(Path file, byte[] bytes) {
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file.toString();
  }

  private static byte[] whole() {
    byte[] header = NpyFile.header("<f4", false, MATRIX);
    return Arrays.copyOf(header, header.length + 48);
  }

  private static Arguments bad(String name, Function<Path, String> file, String... says) {
    return Arguments.of(name, file, says);
  }

  /** Files that are no embeddings of six rows. */
  static Stream<Arguments> embeddings() {
    return Stream.of(
        bad("missing", Path::toString, "no such file"),
        bad("folder", file -> file.getParent().toString(), "folder"),
        bad("empty file", file -> raw(file, new byte[0]), "npy"),
        bad("text", file -> raw(file, "1 2 3\n".getBytes(StandardCharsets.US_ASCII)), "npy"),
        bad("magic only", file -> raw(file, Arrays.copyOf(whole(), 6)), "truncated"),
        bad("half a header", file -> raw(file, Arrays.copyOf(whole(), 40)), "truncated"),
        bad("header only", file -> raw(file, Arrays.copyOf(whole(), 128)), "truncated"),
        bad(
            "a byte short",
            file -> raw(file, Arrays.copyOf(whole(), whole().length - 1)),
            "truncated"),
        bad(
            "zip",
            file -> raw(file, "PK\u0003\u0004....".getBytes(StandardCharsets.ISO_8859_1)),
            "npz"),
        bad("pickle", file -> raw(file, new byte[] {(byte) 0x80, 4, 'K', 1, '.'}), "pickle"),
        bad(
            "objects",
            file -> NpyFile.writeBytes(file, NpyFile.header("|O", false, 6), new byte[8]),
            "pickle"),
        bad(
            "text array",
            file -> NpyFile.writeBytes(file, NpyFile.header("<U3", false, 6), new byte[72]),
            "<U3"),
        bad(
            "complex",
            file -> NpyFile.writeBytes(file, NpyFile.header("<c8", false, 6, 2), new byte[96]),
            "c8"),
        bad(
            "negative size",
            file -> NpyFile.writeBytes(file, NpyFile.header("<f4", false, -6, 2), new byte[48])),
        bad(
            "huge size",
            file ->
                NpyFile.writeBytes(
                    file, NpyFile.header("<f4", false, 2_000_000_000, 2_000_000_000), new byte[8])),
        bad(
            "1-D",
            file -> NpyFile.write(file, "<f4", new int[] {12}, VALUES),
            "2 dimensions",
            "[12]"),
        bad(
            "3-D",
            file -> NpyFile.write(file, "<f4", new int[] {6, 2, 1}, VALUES),
            "2 dimensions",
            "[6, 2, 1]"),
        bad("0-D", file -> NpyFile.write(file, "<f4", new int[0], 1), "2 dimensions"),
        bad("no rows", file -> NpyFile.write(file, "<f4", new int[] {0, 2}), "empty"),
        bad("no columns", file -> NpyFile.write(file, "<f4", new int[] {6, 0}), "empty"),
        bad("bool", file -> NpyFile.write(file, "|b1", MATRIX, VALUES), "bool"),
        bad("NaN", file -> with(file, 7, Double.NaN), "row 3", "NaN", "finite"),
        bad("infinity", file -> with(file, 0, Double.POSITIVE_INFINITY), "row 0", "infinity"),
        bad(
            "minus infinity",
            file -> with(file, 11, Double.NEGATIVE_INFINITY),
            "row 5",
            "infinity"),
        bad(
            "NaN in double",
            file -> NpyFile.write(file, ">f8", new int[] {2, 1}, 1, Double.NaN),
            "row 1"),
        bad(
            "NaN in half",
            file -> NpyFile.write(file, "<f2", new int[] {2, 1}, Double.NaN, 1),
            "row 0"),
        bad(
            "other length",
            file -> NpyFile.write(file, "<f4", new int[] {3, 2}, 1, 2, 3, 4, 5, 6),
            "6",
            "3 rows"),
        bad("blank name", file -> " ", "--embeddings"),
        bad("no file name", file -> "a\0b"),
        bad("safetensors without a name", file -> raw(Path.of(file + ".safetensors"), new byte[8])),
        bad("missing safetensors", file -> file + ".safetensors:x", "no such file"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("embeddings")
  void badEmbeddings(String name, Function<Path, String> file, String[] says) {
    String e = file.apply(folder.resolve("bad.npy"));
    String l = NpyFile.write(folder.resolve("l.npy"), "<i8", new int[] {6}, LABELS);
    refused(
        says,
        "loss",
        "online.batch_hard",
        "--embeddings",
        e,
        "--labels",
        l,
        "--param",
        "margin=1",
        "--grad-out",
        out.resolve("g").toString());
    refused(
        says,
        "loss",
        "pml.TripletMarginLoss",
        "--embeddings",
        e,
        "--labels",
        l,
        "--grad-out",
        out.resolve("g").toString());
    refused(says, "miner", "pml.BatchHardMiner", "--embeddings", e, "--labels", l);
    refused(says, "eval", "--embeddings", e, "--labels", l);
  }

  /** Files that are no labels of six rows. */
  static Stream<Arguments> labels() {
    int[] six = {6};
    return Stream.of(
        bad("missing", Path::toString, "no such file"),
        bad("floats", file -> NpyFile.write(file, "<f4", six, LABELS), "integer", "float32"),
        bad("bool", file -> NpyFile.write(file, "|b1", six, 1, 0, 1, 0, 1, 0), "integer", "bool"),
        bad("2-D", file -> NpyFile.write(file, "<i8", new int[] {6, 1}, LABELS), "1 dimension"),
        bad(
            "too few",
            file -> NpyFile.write(file, "<i8", new int[] {5}, 1, 2, 3, 4, 5),
            "5 labels",
            "6 rows"),
        bad(
            "too many",
            file -> NpyFile.write(file, "<i4", new int[] {7}, 1, 2, 3, 4, 5, 6, 7),
            "7 labels"),
        bad("none", file -> NpyFile.write(file, "<i8", new int[] {0}), "0 labels"),
        bad("0-D", file -> NpyFile.write(file, "<i8", new int[0], 1), "1 dimension"),
        bad(
            "truncated",
            file -> raw(file, Arrays.copyOf(NpyFile.header("<i8", false, 6), 150)),
            "truncated"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("labels")
  void badLabels(String name, Function<Path, String> file, String[] says) {
    String e = matrix(folder.resolve("e.npy"));
    String l = file.apply(folder.resolve("bad.npy"));
    refused(
        says,
        "loss",
        "online.batch_all",
        "--embeddings",
        e,
        "--labels",
        l,
        "--param",
        "margin=1",
        "--grad-out",
        out.resolve("g").toString());
    refused(says, "miner", "example.PairMiner", "--embeddings", e, "--labels", l);
    refused(says, "eval", "--embeddings", e, "--labels", l);
  }

  @Test
  void badReferences() {
    String e = matrix(folder.resolve("e.npy"));
    String l = NpyFile.write(folder.resolve("l.npy"), "<i8", new int[] {6}, LABELS);
    String wide =
        NpyFile.write(folder.resolve("wide.npy"), "<f4", new int[] {2, 3}, 1, 2, 3, 4, 5, 6);
    String two = NpyFile.write(folder.resolve("two.npy"), "<i8", new int[] {2}, 1, 2);
    String nan =
        NpyFile.write(folder.resolve("nan.npy"), "<f4", new int[] {2, 2}, 1, 2, 3, Double.NaN);
    String[] start = {
      "loss",
      "pml.TripletMarginLoss",
      "--embeddings",
      e,
      "--labels",
      l,
      "--grad-out",
      out.resolve("g").toString()
    };
    refused(
        says("wide.npy", "rows of 3", "rows of 2"),
        append(start, "--ref-embeddings", wide, "--ref-labels", two));
    refused(says("nan.npy", "row 1"), append(start, "--ref-embeddings", nan, "--ref-labels", two));
    String narrow =
        NpyFile.write(folder.resolve("narrow.npy"), "<f8", new int[] {2, 2}, 1, 2, 3, 4);
    refused(
        says("l.npy", "6 labels", "2 rows"),
        append(start, "--ref-embeddings", narrow, "--ref-labels", l));
  }

  @Test
  void badRows() {
    String a = matrix(folder.resolve("a.npy"));
    String short2 = NpyFile.write(folder.resolve("short.npy"), "<f4", new int[] {2, 2}, 1, 2, 3, 4);
    String nan = with(folder.resolve("nan.npy"), 4, Double.NaN);
    String[] start = {
      "loss", "torch.TripletMarginLoss", "--grad-out", out.resolve("g").toString(), "--anchor", a
    };
    refused(
        says("short.npy", "[2, 2]", "[6, 2]"),
        append(start, "--positive", short2, "--negative", a));
    refused(
        says("short.npy", "[2, 2]", "[6, 2]"),
        append(start, "--positive", a, "--negative", short2));
    refused(says("nan.npy", "row 2"), append(start, "--positive", a, "--negative", nan));
  }

  @Test
  void badScoresAndMasks() {
    String s = matrix(folder.resolve("s.npy"));
    String nan = with(folder.resolve("nan.npy"), 9, Double.NaN);
    double[] ones = {1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0};
    String m = NpyFile.write(folder.resolve("m.npy"), "|b1", MATRIX, ones);
    String other = NpyFile.write(folder.resolve("other.npy"), "|b1", new int[] {2, 6}, ones);
    String floats = NpyFile.write(folder.resolve("floats.npy"), "<f4", MATRIX, ones);
    String counts = NpyFile.write(folder.resolve("counts.npy"), "<i4", MATRIX, VALUES);
    for (String[] start :
        new String[][] {
          {"mine"},
          {
            "loss",
            "masked.TripletLoss",
            "--param",
            "alpha=0.2",
            "--grad-out",
            out.resolve("g").toString()
          }
        }) {
      refused(
          says("nan.npy", "row 4", "NaN"),
          append(start, "--similarities", nan, "--positive-mask", m));
      refused(
          says("other.npy", "[2, 6]", "[6, 2]", "--positive-mask"),
          append(start, "--similarities", s, "--positive-mask", other));
      refused(
          says("floats.npy", "bool", "float32"),
          append(start, "--similarities", s, "--positive-mask", floats));
      refused(
          says("counts.npy", "bool", "int32"),
          append(start, "--similarities", s, "--positive-mask", counts));
      refused(
          says("m.npy", "numbers", "bool"),
          append(start, "--similarities", m, "--positive-mask", m));
    }
  }

  @Test
  void badPlacesForGradients() throws IOException {
    String e = matrix(folder.resolve("e.npy"));
    String l = NpyFile.write(folder.resolve("l.npy"), "<i8", new int[] {6}, LABELS);
    String[] start = {
      "loss",
      "pml.TripletMarginLoss",
      "--embeddings",
      e,
      "--labels",
      l,
      "--ref-embeddings",
      e,
      "--ref-labels",
      l,
      "--grad-out"
    };
    refused(says("--grad-out", "no folder"), append(start, out.resolve("none/g").toString()));
    refused(says("--grad-out", "no folder"), append(start, e + "/g"));
    refused(says("--grad-out"), append(start, "a\0b"));
    Files.createDirectory(folder.resolve("g.ref_embeddings.npy"));
    refused(says("--grad-out", "is a folder"), append(start, folder.resolve("g").toString()));
    assertThat(folder.resolve("g.embeddings.npy")).doesNotExist();
  }

  @Test
  void longNamesAreShortened() {
    String l = NpyFile.write(folder.resolve("l.npy"), "<i8", new int[] {6}, LABELS);
    String name = folder.resolve("x/".repeat(300) + "far.npy").toString();
    refused(says("far.npy", "no such file"), "eval", "--embeddings", name, "--labels", l);
    refused(
        says("margin"),
        "loss",
        "online.batch_hard",
        "--embeddings",
        l,
        "--labels",
        l,
        "--param",
        "margin=" + "9".repeat(2000));
    refused(says("there is no loss"), "loss", "n".repeat(5000));
    refused(says("there is no command"), "c".repeat(5000));
    refused(says("no option"), "loss", "--" + "o".repeat(5000));
  }

  /** Whatever the bytes, the answer is a number or one sentence. */
  @Test
  void damagedFilesAreRefusedOrRead() {
    long seed = 41;
    Random random = new Random(seed);
    String l = NpyFile.write(folder.resolve("l.npy"), "<i8", new int[] {6}, LABELS);
    byte[] header = NpyFile.header("<f4", false, MATRIX);
    for (int i = 0; i < 400; i++) {
      byte[] bytes = Arrays.copyOf(header, header.length + 48);
      int changes = 1 + random.nextInt(4);
      for (int k = 0; k < changes; k++) {
        // Mostly in the header, where it hurts.
        int at = random.nextInt(random.nextInt(4) == 0 ? bytes.length : 80);
        bytes[at] =
            random.nextBoolean() ? (byte) random.nextInt() : (byte) (32 + random.nextInt(95));
      }
      if (random.nextInt(8) == 0) {
        bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 20));
      }
      String e = raw(folder.resolve("fuzzed.npy"), bytes);
      Run run =
          Run.of(
              "loss",
              "online.batch_hard",
              "--embeddings",
              e,
              "--labels",
              l,
              "--param",
              "margin=1",
              "--json");
      assertThat(run.status() == 0 || run.isRefusal())
          .as("seed %d, file %d: %s", seed, i, run)
          .isTrue();
      if (run.status() != 0) {
        assertThat(run.err()).as("seed %d, file %d", seed, i).contains("fuzzed.npy");
      }
    }
  }

  private static String[] says(String... words) {
    return words;
  }

  private static String[] append(String[] start, String... more) {
    return Stream.concat(Stream.of(start), Stream.of(more)).toArray(String[]::new);
  }

  private void refused(String[] says, String... args) {
    for (String[] all : new String[][] {args, append(args, "--json")}) {
      Run run = Run.of(all);
      assertThat(run.isRefusal()).as("%s: %s", Arrays.toString(all), run).isTrue();
      for (String word : says) {
        assertThat(run.err()).contains(word);
      }
    }
    try (Stream<Path> left = Files.list(out)) {
      assertThat(left).isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
