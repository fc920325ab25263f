package dev.tripoint.train;

import dev.tripoint.eval.RunRecord;
import dev.tripoint.loss.Loss;
import dev.tripoint.miner.Miner;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a training run is to do. Made by {@link #builder}; immutable. */
public final class TrainingOptions {
  /** Epochs unless told otherwise. */
  public static final int DEFAULT_EPOCHS = 100;

  /** Margin of the default loss, for those who make it. */
  public static final double DEFAULT_MARGIN = 0.5;

  /** The catalogue's name of the default loss. */
  public static final String DEFAULT_LOSS = "online.batch_all";

  private final Path out;
  private final Loss loss;
  private final String lossName;
  private final @Nullable Miner miner;
  private final @Nullable String minerName;
  private final @Nullable Double margin;
  private final int epochs;
  private final long seed;
  private final int threads;
  private final @Nullable String features;
  private final @Nullable String labels;
  private final Function<RunRecord, String> report;

  private TrainingOptions(Builder builder) {
    out = builder.out;
    loss = builder.loss;
    lossName = builder.lossName;
    miner = builder.miner;
    minerName = builder.minerName;
    margin = builder.margin;
    epochs = builder.epochs;
    seed = builder.seed;
    threads = builder.threads;
    features = builder.features;
    labels = builder.labels;
    report = builder.report;
  }

  /**
   * Starts from the defaults: the built-in digits, no miner, {@value #DEFAULT_EPOCHS} epochs, seed
   * 0, one thread.
   *
   * @param out the folder to write
   * @param loss the loss, given unit-length embeddings
   * @param lossName its name for people
   * @param report writes {@code report.html}
   */
  public static Builder builder(
      Path out, Loss loss, String lossName, Function<RunRecord, String> report) {
    return new Builder(out, loss, lossName, report);
  }

  Path out() {
    return out;
  }

  Loss loss() {
    return loss;
  }

  String lossName() {
    return lossName;
  }

  @Nullable Miner miner() {
    return miner;
  }

  @Nullable String minerName() {
    return minerName;
  }

  @Nullable Double margin() {
    return margin;
  }

  int epochs() {
    return epochs;
  }

  long seed() {
    return seed;
  }

  int threads() {
    return threads;
  }

  @Nullable String features() {
    return features;
  }

  @Nullable String labels() {
    return labels;
  }

  Function<RunRecord, String> report() {
    return report;
  }

  /** Collects a run's options; each method gives the builder back. */
  public static final class Builder {
    private final Path out;
    private final Loss loss;
    private final String lossName;
    private final Function<RunRecord, String> report;
    private @Nullable Miner miner;
    private @Nullable String minerName;
    private @Nullable Double margin;
    private int epochs = DEFAULT_EPOCHS;
    private long seed;
    private int threads = 1;
    private @Nullable String features;
    private @Nullable String labels;

    private Builder(Path out, Loss loss, String lossName, Function<RunRecord, String> report) {
      this.out = Objects.requireNonNull(out);
      this.loss = Objects.requireNonNull(loss);
      this.lossName = Objects.requireNonNull(lossName);
      this.report = Objects.requireNonNull(report);
    }

    /** Mines each batch before the loss; by default the loss sees the whole batch. */
    public Builder miner(Miner value, String name) {
      miner = Objects.requireNonNull(value);
      minerName = Objects.requireNonNull(name);
      return this;
    }

    /**
     * The loss's margin, where it has one: shown, and used to notice a collapse. It changes no
     * loss.
     */
    public Builder margin(double value) {
      margin = value;
      return this;
    }

    /** Passes over the training half, from 1. */
    public Builder epochs(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("epochs is " + value + ", expected at least 1");
      }
      epochs = value;
      return this;
    }

    /** Decides the first weights, the batches and the noise. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * LibTorch's threads during the run, from 1. More change the last bits, and gain little at this
     * size.
     */
    public Builder threads(int value) {
      if (value < 1) {
        throw new IllegalArgumentException("threads is " + value + ", expected at least 1");
      }
      threads = value;
      return this;
    }

    /**
     * One's own data in place of the digits: arrays as {@code F.npy} or {@code F.safetensors:NAME}.
     *
     * @param featuresFile [N, D], any number type, finite
     * @param labelsFile [N], any integer type
     */
    public Builder data(String featuresFile, String labelsFile) {
      features = Objects.requireNonNull(featuresFile);
      labels = Objects.requireNonNull(labelsFile);
      return this;
    }

    /** The options. */
    public TrainingOptions build() {
      return new TrainingOptions(this);
    }
  }
}
