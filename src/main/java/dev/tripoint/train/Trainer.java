package dev.tripoint.train;

import dev.tripoint.data.LabelledArrays;
import dev.tripoint.data.MPerClassSampler;
import dev.tripoint.eval.EpochTrace;
import dev.tripoint.loss.LossResult;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.optim.Adam;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * The loop: batches of a few rows of each of up to ten classes, Adam, and a learning rate that
 * falls along half a cosine to zero. The values were chosen on the training half alone; see
 * docs/training.md.
 */
final class Trainer {
  static final int PER_CLASS = 4;
  static final int CLASSES_PER_BATCH = 10;
  static final double LEARNING_RATE = 1e-3;

  private final TrainingOptions options;
  private final TrainingData data;
  private final Network network;
  private final TrainingListener listener;
  private final Random random;
  private final List<EpochTrace> trace = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();

  Trainer(TrainingOptions options, TrainingData data, Network network, TrainingListener listener) {
    this.options = options;
    this.data = data;
    this.network = network;
    this.listener = listener;
    this.random = new Random(options.seed());
  }

  List<EpochTrace> trace() {
    return trace;
  }

  List<String> warnings() {
    return warnings;
  }

  /** Trains the network in place. */
  void run() {
    LabelledArrays rows = data.training();
    int classes = (int) Arrays.stream(rows.labels()).distinct().count();
    int batchSize = PER_CLASS * Math.min(CLASSES_PER_BATCH, classes);
    MPerClassSampler sampler =
        new MPerClassSampler(
            rows.labels(), PER_CLASS, batchSize, Math.max(batchSize, rows.rows()), random);
    long steps = (long) options.epochs() * (sampler.length() / batchSize);
    CollapseWatch watch = new CollapseWatch(options.margin());
    listener.started(options.epochs());
    try (TensorScope _ = TensorScope.open()) {
      Adam adam = new Adam(network.layers().parameters().values(), LEARNING_RATE);
      long step = 0;
      for (int epoch = 1; epoch <= options.epochs(); epoch++) {
        EpochSums sums = new EpochSums();
        for (int[] batch : sampler.nextPass()) {
          step++;
          adam.learningRate(
              LEARNING_RATE * 0.5 * (1 + StrictMath.cos(StrictMath.PI * step / steps)));
          step(rows.select(batch), adam, sums, epoch);
        }
        EpochTrace done = sums.trace(epoch, adam.learningRate());
        trace.add(done);
        listener.epoch(done);
        warn(watch.look(done));
      }
    } finally {
      listener.stopped();
    }
  }

  private void step(LabelledArrays batch, Adam adam, EpochSums sums, int epoch) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor labels = Tensor.of(batch.labels(), batch.rows());
      Tensor embeddings = network.forward(input(batch));
      LossResult result =
          options.loss().compute(embeddings, labels, mine(embeddings, labels), null, null);
      double loss = result.loss().item();
      if (!Double.isFinite(loss)) {
        throw new TrainingException(
            "the loss became %s in epoch %d; another margin, loss or miner may help."
                .formatted(loss, epoch));
      }
      adam.zeroGrad();
      if (result.loss().requiresGrad()) {
        result.loss().backward();
        adam.step();
      }
      BatchLook look = BatchLook.of(embeddings, batch.labels());
      Double active = result.stats().get("fraction_positive");
      if (active == null && options.margin() != null) {
        active = look.breaking(options.margin());
      }
      sums.add(loss, active, look.spread());
    }
  }

  private @Nullable IndexTuples mine(Tensor embeddings, Tensor labels) {
    if (options.miner() == null) {
      return null;
    }
    try (Autograd.Mode _ = Autograd.noGrad()) {
      return options.miner().forward(embeddings, labels);
    }
  }

  private Tensor input(LabelledArrays batch) {
    int width = batch.width();
    float[] values = new float[batch.rows() * width];
    for (int i = 0; i < batch.rows(); i++) {
      float[] row = data.augmentation().shifted(batch.features()[i], random);
      data.scale().apply(row, values, i * width);
    }
    data.augmentation().addNoise(values, random);
    return Tensor.of(values, batch.rows(), width);
  }

  private void warn(@Nullable String message) {
    if (message != null) {
      warnings.add(message);
      listener.warning(message);
    }
  }

  /** Means over an epoch's batches. */
  private static final class EpochSums {
    private int batches;
    private double loss;
    private double active;
    private boolean activeKnown = true;
    private double spread;

    void add(double batchLoss, @Nullable Double batchActive, double batchSpread) {
      batches++;
      loss += batchLoss;
      spread += batchSpread;
      if (batchActive == null) {
        activeKnown = false;
      } else {
        active += batchActive;
      }
    }

    EpochTrace trace(int epoch, double learningRate) {
      return new EpochTrace(
          epoch,
          loss / batches,
          activeKnown ? active / batches : null,
          spread / batches,
          learningRate);
    }
  }
}
