package dev.tripoint.bench;

import dev.tripoint.compat.online.BatchHard;
import dev.tripoint.loss.Loss;
import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What batch-hard with its gradient costs from Java on few rows, beside the same from C++. Run as
 * {@link CallOverhead} is, from the project's folder; {@code -prof gc} says what it allocates.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(
    value = 2,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xmx1g"})
public class LossOverhead {
  private static final int COLUMNS = 128;
  private static final int OF_CLASS = 8;
  private static final double MARGIN = 1;

  /** N. */
  @Param({"64"})
  public int rows;

  private final Loss loss = new BatchHard(MARGIN);
  private TensorScope scope;
  private Tensor embeddings;
  private Tensor labels;
  private CppBatchHard cpp;

  /** Makes the batch, for Java and again for C++. */
  @Setup(Level.Trial)
  @SuppressWarnings("MustBeClosedChecker") // close() does it
  public void open() {
    LibTorch.setNumThreads(1);
    LibTorch.manualSeed(1);
    scope = TensorScope.open();
    embeddings = Torch.randn(rows, COLUMNS).requiresGrad(true);
    long[] classes = new long[rows];
    for (int i = 0; i < rows; i++) {
      classes[i] = i / OF_CLASS;
    }
    labels = Tensor.of(classes, rows);
    cpp = new CppBatchHard(embeddings.detach(), labels, MARGIN);
  }

  /** Frees Java's. */
  @TearDown(Level.Trial)
  public void close() {
    scope.close();
  }

  /** Forward and backward in C++. */
  @Benchmark
  public float cpp() {
    return cpp.loss();
  }

  /** Forward and backward through the public classes. */
  @Benchmark
  public void forwardAndBackward() {
    try (TensorScope _ = TensorScope.open()) {
      loss.forward(embeddings, labels).backward();
      embeddings.grad();
      embeddings.grad(null);
    }
  }

  /** The same in one call, without a graph. */
  @Benchmark
  public void lossAndGradient() {
    try (TensorScope _ = TensorScope.open()) {
      loss.lossAndGradient(embeddings, labels);
    }
  }
}
