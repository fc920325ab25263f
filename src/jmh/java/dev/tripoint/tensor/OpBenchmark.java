package dev.tripoint.tensor;

import dev.tripoint.ffi.TripointC;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a call from Java costs beside the same call in C++: {@code aten::add} on four elements, the
 * result freed each time. {@link #loopInCpp} is the twin: one downcall that loops in C++.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 3, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
public class OpBenchmark {
  private static final int LOOP = 100_000;
  private static final Op ADD = Op.of("aten::add.Tensor");

  private Tensor x;
  private Tensor y;

  @Setup(Level.Trial)
  public void makeTensors() {
    LibTorch.setNumThreads(1);
    x = Tensor.of(new float[] {1, 2, 3, 4}, 4);
    y = Tensor.of(new float[] {5, 6, 7, 8}, 4);
  }

  @TearDown(Level.Trial)
  public void freeTensors() {
    x.close();
    y.close();
  }

  @Benchmark
  public void byOp() {
    ADD.callTensor(x, y).close();
  }

  @Benchmark
  public void byName() {
    x.add(y).close();
  }

  @Benchmark
  @OperationsPerInvocation(LOOP)
  public void loopInCpp() {
    CallFrame frame = ArgumentWriter.write(ADD, ADD.resolve(), new Object[] {x, y});
    try {
      frame.check(
          TripointC.tp_operator_time(
              ADD.resolve().handle(),
              frame.values(),
              frame.count(),
              LOOP,
              frame.modes(),
              frame.out(),
              frame.error()));
    } finally {
      frame.leave();
    }
  }
}
