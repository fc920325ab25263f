package dev.tripoint.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.compat.online.BatchAll;
import dev.tripoint.data.DataException;
import dev.tripoint.data.Npy;
import dev.tripoint.data.Safetensors;
import dev.tripoint.eval.AccuracyCalculator;
import dev.tripoint.eval.RunRecord;
import dev.tripoint.loss.Loss;
import dev.tripoint.loss.LossResult;
import dev.tripoint.loss.TripletMarginLoss;
import dev.tripoint.miner.BatchHardMiner;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingTest {
  private static final List<String> FILES =
      List.of(
          "embeddings.npy",
          "labels.npy",
          "metrics.json",
          "model.safetensors",
          "report.html",
          "trace.jsonl");

  @TempDir Path folder;

  @Test
  void aShortRunLearnsAndWritesWhatItSays() throws IOException {
    Path out = folder.resolve("run");
    int threads = LibTorch.numThreads();
    RunRecord run = Training.run(digits(out, 12, 0), TrainingListener.SILENT);
    assertThat(names(out)).containsExactlyElementsOf(FILES);
    assertThat(names(folder)).containsExactly("run");
    assertThat(LibTorch.numThreads()).isEqualTo(threads);
    assertThat(run.raw().mapAtR()).isBetween(0.53, 0.56);
    assertThat(run.untrained().mapAtR()).isLessThan(run.raw().mapAtR());
    assertThat(run.after().mapAtR()).isGreaterThan(0.9);
    assertThat(run.trace()).hasSize(12);
    assertThat(run.warnings()).isEmpty();
    try (TensorScope _ = TensorScope.open()) {
      Tensor embeddings = Npy.read(out.resolve("embeddings.npy"));
      Tensor labels = Npy.read(out.resolve("labels.npy"));
      assertThat(embeddings.sizes()).containsExactly(896, 64);
      assertThat(labels.dtype()).isEqualTo(DType.INT64);
      assertThat(AccuracyCalculator.of(embeddings, labels)).isEqualTo(run.after());
      assertThat(Safetensors.names(out.resolve("model.safetensors")))
          .containsExactlyInAnyOrder(
              "0.weight",
              "0.bias",
              "2.weight",
              "2.bias",
              "4.weight",
              "4.bias",
              "input.offset",
              "input.scale");
    }
    assertThat(Files.readAllLines(out.resolve("trace.jsonl"))).hasSize(12);
    assertThat(Files.readString(out.resolve("metrics.json")))
        .contains(
            "\"after\"",
            "\"map_at_r\" : " + run.after().mapAtR(),
            "\"seed\" : 0",
            "\"threads\" : 1");
  }

  @Test
  void equalRunsWriteEqualBytesAndOtherSeedsOthers() throws IOException {
    for (String name : new String[] {"one", "two"}) {
      Training.run(digits(folder.resolve(name), 2, 3), TrainingListener.SILENT);
    }
    Training.run(digits(folder.resolve("three"), 2, 4), TrainingListener.SILENT);
    for (String file : FILES) {
      if (!file.equals("report.html")) {
        assertThat(folder.resolve("one").resolve(file))
            .hasSameBinaryContentAs(folder.resolve("two").resolve(file));
      }
    }
    assertThat(
            Files.mismatch(
                folder.resolve("one/model.safetensors"), folder.resolve("three/model.safetensors")))
        .isNotNegative();
  }

  @Test
  void ownDataAMinerAndAnotherLossDo() {
    Path features = folder.resolve("x.npy");
    Path labels = folder.resolve("y.npy");
    writeBlobs(features, labels, 0);
    List<Integer> epochs = new ArrayList<>();
    TrainingOptions options =
        TrainingOptions.builder(
                folder.resolve("run"), new TripletMarginLoss(), "pml.TripletMarginLoss", _ -> "")
            .miner(new BatchHardMiner(), "pml.BatchHardMiner")
            .margin(0.05)
            .epochs(3)
            .data(features.toString(), labels.toString())
            .build();
    RunRecord run =
        Training.run(
            options,
            new TrainingListener() {
              @Override
              public void epoch(dev.tripoint.eval.EpochTrace trace) {
                epochs.add(trace.epoch());
                assertThat(trace.activeFraction()).isNotNull().isBetween(0.0, 1.0);
              }
            });
    assertThat(epochs).containsExactly(1, 2, 3);
    assertThat(run.after().recallAt1()).isGreaterThan(0.9);
    assertThat(run.imageSide()).isZero();
    assertThat(run.labels()).hasSize(45);
  }

  @Test
  void aCollapseIsReported() {
    Loss pulling =
        (embeddings, _, _, _) ->
            new LossResult(embeddings.sub(embeddings.select(0, 0)).square().sum(), Map.of());
    List<String> warnings = new ArrayList<>();
    TrainingOptions options =
        TrainingOptions.builder(folder.resolve("run"), pulling, "pulling", _ -> "")
            .epochs(12)
            .build();
    RunRecord run =
        Training.run(
            options,
            new TrainingListener() {
              @Override
              public void warning(String message) {
                warnings.add(message);
              }
            });
    assertThat(warnings).hasSize(1).first().asString().contains("collapsed");
    assertThat(run.warnings()).isEqualTo(warnings);
  }

  @Test
  void failuresLeaveNothingBehind() throws IOException {
    Path out = folder.resolve("run");
    Loss broken =
        (embeddings, _, _, _) -> new LossResult(embeddings.sum().mul(Double.NaN), Map.of());
    TrainingOptions options = TrainingOptions.builder(out, broken, "broken", _ -> "").build();
    assertThatThrownBy(() -> Training.run(options, TrainingListener.SILENT))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("NaN in epoch 1");
    TrainingOptions noReport =
        TrainingOptions.builder(
                out,
                new BatchAll(0.5),
                "online.batch_all",
                _ -> {
                  throw new IllegalStateException("no report");
                })
            .epochs(1)
            .build();
    assertThatThrownBy(() -> Training.run(noReport, TrainingListener.SILENT))
        .hasMessage("no report");
    assertThat(names(folder)).isEmpty();
  }

  @Test
  void badDataAreRefusedBeforeTraining() {
    Path x = folder.resolve("x.npy");
    Path y = folder.resolve("y.npy");
    try (TensorScope _ = TensorScope.open()) {
      Npy.write(x, Tensor.of(new float[] {1, 2, 3, 4, 5, Float.NaN, 7, 8}, 4, 2));
      Npy.write(y, Tensor.of(new long[] {0, 0, 1, 1}, 4));
      refused(x, y, x + ": row 2 holds NaN");
      Npy.write(x, Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 4, 2));
      refused(x, y, "no class has four rows");
      Npy.write(y, Tensor.of(new long[] {0, 0, 1}, 3));
      refused(x, y, y + ": the shape [3], expected [4]");
      Npy.write(y, Tensor.of(new long[] {0, 0, 0, 0}, 4));
      refused(x, y, "one class only");
      Npy.write(y, Tensor.of(new float[] {0, 0, 1, 1}, 4));
      refused(x, y, "expected integer labels");
      Npy.write(x, Tensor.of(new float[] {1, 2, 3, 4}, 4));
      refused(x, y, x + ": the shape [4]");
    }
  }

  private void refused(Path x, Path y, String message) {
    TrainingOptions options =
        TrainingOptions.builder(
                folder.resolve("run"), new BatchAll(0.5), "online.batch_all", _ -> "")
            .data(x.toString(), y.toString())
            .build();
    assertThatThrownBy(() -> Training.run(options, TrainingListener.SILENT))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(message);
  }

  private static TrainingOptions digits(Path out, int epochs, long seed) {
    return TrainingOptions.builder(out, new BatchAll(0.5), "online.batch_all", _ -> "<html></html>")
        .margin(0.5)
        .epochs(epochs)
        .seed(seed)
        .build();
  }

  private static void writeBlobs(Path features, Path labels, long seed) {
    Random random = new Random(seed);
    int rows = 91;
    float[] x = new float[rows * 5];
    long[] y = new long[rows];
    for (int i = 0; i < rows; i++) {
      // Class 9 has one row.
      y[i] = i == 90 ? 9 : i % 3;
      for (int k = 0; k < 5; k++) {
        x[i * 5 + k] =
            (float)
                (100 * y[i] * (k == y[i] ? 1 : 0)
                    + 10 * random.nextGaussian()
                    + (k == 0 ? 200 : 0));
      }
    }
    x[2] = 50;
    try (TensorScope _ = TensorScope.open()) {
      Npy.write(features, Tensor.of(x, rows, 5));
      Npy.write(labels, Tensor.of(y, rows).to(DType.INT16));
    }
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }
}
