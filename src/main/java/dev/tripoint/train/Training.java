package dev.tripoint.train;

import dev.tripoint.data.AtomicFolder;
import dev.tripoint.data.DataException;
import dev.tripoint.eval.AccuracyCalculator;
import dev.tripoint.eval.RunRecord;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.TensorScope;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** A whole training run: read, train, measure, write. */
public final class Training {
  private Training() {}

  /**
   * Trains and writes the folder: {@code metrics.json}, {@code model.safetensors}, {@code
   * embeddings.npy} and {@code labels.npy} (the held-back half after training, and its labels),
   * {@code trace.jsonl} and {@code report.html}. It appears whole or not at all; an earlier run's
   * folder is replaced. With the same options, data, LibTorch and kind of processor, all files but
   * the report (which holds the time taken) have the same bytes.
   *
   * <p>LibTorch's number of threads is set for the run, and set back.
   *
   * @return what was done and measured
   * @throws DataException if the data cannot be read or used, or the folder cannot be written
   * @throws TrainingException if the loss stops being a number
   */
  public static RunRecord run(TrainingOptions options, TrainingListener listener) {
    TrainingData data = TrainingData.of(options.features(), options.labels());
    int threads = LibTorch.numThreads();
    try (AtomicFolder folder = RunFolder.open(options.out());
        TensorScope _ = TensorScope.open();
        Generator generator = new Generator(options.seed())) {
      LibTorch.setNumThreads(options.threads());
      Network network = new Network(data.training().width(), data.scale(), generator);
      float[][] before = network.embed(data.heldBack());
      Trainer trainer = new Trainer(options, data, network, listener);
      long start = System.nanoTime();
      trainer.run();
      Duration duration = Duration.ofNanos(System.nanoTime() - start);
      RunRecord run =
          record(options, data, trainer, before, network.embed(data.heldBack()), duration);
      RunFolder.write(folder.path(), run, network, data.scale());
      RunFolder.writeReport(folder.path(), options.report().apply(run));
      folder.commit();
      return run;
    } finally {
      LibTorch.setNumThreads(threads);
    }
  }

  private static RunRecord record(
      TrainingOptions options,
      TrainingData data,
      Trainer trainer,
      float[][] before,
      float[][] after,
      Duration duration) {
    long[] labels = data.heldBack().labels();
    return new RunRecord(
        data.name(),
        settings(options, data),
        trainer.trace(),
        trainer.warnings(),
        AccuracyCalculator.of(data.heldBack().features(), labels),
        AccuracyCalculator.of(before, labels),
        AccuracyCalculator.of(after, labels),
        data.heldBackRows(),
        labels,
        data.heldBack().features(),
        before,
        after,
        data.training().rows(),
        data.imageSide(),
        duration);
  }

  private static Map<String, Object> settings(TrainingOptions options, TrainingData data) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("data", data.name());
    if (options.labels() != null) {
      settings.put("labels", options.labels());
    }
    settings.put("loss", options.lossName());
    if (options.margin() != null) {
      settings.put("margin", options.margin());
    }
    settings.put("miner", options.minerName() == null ? "none" : options.minerName());
    settings.put("epochs", options.epochs());
    settings.put("seed", options.seed());
    settings.put("threads", options.threads());
    int[] widths = Network.WIDTHS;
    settings.put(
        "network",
        "%d → %d → %d → %d, ReLU, unit length"
            .formatted(data.training().width(), widths[0], widths[1], widths[2]));
    settings.put(
        "optimizer", "Adam, learning rate %s, half a cosine to 0".formatted(Trainer.LEARNING_RATE));
    settings.put("rows per class in a batch", Trainer.PER_CLASS);
    settings.put("augmentation", data.augmentation().toString());
    LibTorch.Info info = LibTorch.info();
    settings.put("libtorch", info.version());
    settings.put("processor features", info.cpuCapability());
    settings.put("java", Runtime.version().toString());
    return settings;
  }
}
