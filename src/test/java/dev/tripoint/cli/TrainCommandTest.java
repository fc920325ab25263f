package dev.tripoint.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train} from the command line; what a run computes is tested where it is computed. */
class TrainCommandTest {
  @TempDir Path folder;

  private String features() {
    Random random = new Random(3);
    double[] values = new double[40 * 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian() + (i / 4 % 2 == 0 ? 2 : -2);
    }
    return NpyFile.write(folder.resolve("f.npy"), "<f4", new int[] {40, 4}, values);
  }

  private String labels() {
    double[] values = new double[40];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 2;
    }
    return NpyFile.write(folder.resolve("l.npy"), "<i8", new int[] {40}, values);
  }

  @Test
  void writesTheFolderAndAnswersWithItsMeasures() throws IOException {
    String out = folder.resolve("run").toString();
    Run run =
        Run.of(
            "train",
            "--out",
            out,
            "--features",
            features(),
            "--labels",
            labels(),
            "--epochs",
            "2",
            "--seed",
            "5",
            "--json");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("{").endsWith("}\n").contains("\"untrained\"");
    double raw = LossCommandTest.number(run.out(), "map_at_r");
    assertThat(raw).isBetween(0.0, 1.0);
    String metrics = Files.readString(Path.of(out, "metrics.json"));
    assertThat(LossCommandTest.number(metrics, "map_at_r")).isCloseTo(raw, within(1e-12));
    try (Stream<Path> files = Files.list(Path.of(out))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "metrics.json",
              "model.safetensors",
              "embeddings.npy",
              "labels.npy",
              "trace.jsonl",
              "report.html");
    }
    Run again =
        Run.of(
            "train",
            "--out",
            out,
            "--features",
            features(),
            "--labels",
            labels(),
            "--epochs",
            "1",
            "--loss",
            "pml.TripletMarginLoss",
            "--margin",
            "0.2",
            "--miner",
            "pml.BatchHardMiner");
    assertThat(again.status()).as(again.err()).isZero();
    assertThat(again.out()).contains("MAP@R").contains("report.html");
    assertThat(Files.readString(Path.of(out, "metrics.json"))).contains("pml.BatchHardMiner");
  }

  @Test
  void badDataLeaveNothing() throws IOException {
    String out = folder.resolve("run").toString();
    String narrow = NpyFile.write(folder.resolve("n.npy"), "<f4", new int[] {40}, new double[40]);
    double[] values = new double[80];
    values[7] = Double.NaN;
    String nan = NpyFile.write(folder.resolve("nan.npy"), "<f4", new int[] {40, 2}, values);
    for (String file : new String[] {narrow, nan, folder.resolve("none.npy").toString()}) {
      Run run = Run.of("train", "--out", out, "--features", file, "--labels", labels());
      assertThat(run.isRefusal()).as("%s", run).isTrue();
      assertThat(run.err()).contains(file);
    }
    String taken = Files.writeString(folder.resolve("file"), "x").toString();
    Run run = Run.of("train", "--out", taken, "--features", features(), "--labels", labels());
    assertThat(run.isRefusal()).as("%s", run).isTrue();
    assertThat(Path.of(out)).doesNotExist();
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.filter(file -> file.getFileName().toString().startsWith("."))).isEmpty();
    }
  }
}
