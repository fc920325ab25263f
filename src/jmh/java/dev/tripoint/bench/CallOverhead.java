package dev.tripoint.bench;

import dev.tripoint.ffi.TripointC;
import dev.tripoint.ffi.tp_error;
import dev.tripoint.ffi.tp_modes;
import dev.tripoint.ffi.tp_value;
import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a call from Java costs beside the same call in C++: {@code aten::add} on small tensors, by
 * {@link Op} and by name, against {@code tp_operator_time}, which loops the call in C++.
 *
 * <pre>{@code
 * mvn -q -Pjmh,quick test-compile
 * mvn -q -Pjmh dependency:build-classpath -Dmdep.outputFile=target/jmh.classpath
 * java --enable-native-access=ALL-UNNAMED \
 *   -cp target/classes:target/test-classes:$(cat target/jmh.classpath) org.openjdk.jmh.Main CallOverhead
 * }</pre>
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@Fork(
    value = 2,
    jvmArgsAppend = {"--enable-native-access=ALL-UNNAMED", "-Xmx1g"})
public class CallOverhead {
  private static final int LOOP = 10_000;

  /** Elements of each operand. */
  @Param({"4", "64"})
  public int elements;

  private final Op add = Op.of("aten::add.Tensor");
  private TensorScope scope;
  private Tensor x;
  private Tensor y;
  private Arena arena;
  private MemorySegment operator;
  private MemorySegment arguments;
  private MemorySegment modes;
  private MemorySegment error;
  private MemorySegment nanoseconds;

  /** Makes the operands, for Java and again for C++. */
  @Setup(Level.Trial)
  @SuppressWarnings("MustBeClosedChecker") // close() does it
  public void open() {
    LibTorch.setNumThreads(1);
    scope = TensorScope.open();
    x = Torch.ones(elements);
    y = Torch.ones(elements);
    arena = Arena.ofConfined();
    error = tp_error.allocate(arena);
    nanoseconds = arena.allocate(ValueLayout.JAVA_LONG);
    modes = tp_modes.allocate(arena);
    tp_modes.grad(modes, 1);
    tp_modes.device_type(modes, -1);
    tp_modes.device_index(modes, -1);
    MemorySegment out = arena.allocate(ValueLayout.ADDRESS);
    check(TripointC.tp_operator_find(arena.allocateFrom("aten::add.Tensor"), out, error));
    operator = out.get(ValueLayout.ADDRESS, 0);
    arguments = tp_value.allocateArray(3, arena);
    MemorySegment sizes = arena.allocateFrom(ValueLayout.JAVA_LONG, elements);
    for (int i = 0; i < 2; i++) {
      check(
          TripointC.tp_tensor_allocate(
              TripointC.TP_FLOAT32(), TripointC.TP_CPU(), -1, 0, 1, sizes, out, error));
      MemorySegment value = tp_value.asSlice(arguments, i);
      tp_value.tag(value, TripointC.TP_TENSOR());
      tp_value.as.tensor(tp_value.as(value), out.get(ValueLayout.ADDRESS, 0));
    }
    MemorySegment alpha = tp_value.asSlice(arguments, 2);
    tp_value.tag(alpha, TripointC.TP_INT());
    tp_value.as.integer(tp_value.as(alpha), 1);
  }

  /** Frees them. */
  @TearDown(Level.Trial)
  public void close() {
    for (int i = 0; i < 2; i++) {
      MemorySegment value = tp_value.asSlice(arguments, i);
      TripointC.tp_tensor_release(tp_value.as.tensor(tp_value.as(value)));
    }
    arena.close();
    scope.close();
  }

  private static void check(int status) {
    if (status != TripointC.TP_OK()) {
      throw new IllegalStateException("status " + status);
    }
  }

  /** The loop in C++, one downcall for all. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public long cpp() {
    check(TripointC.tp_operator_time(operator, arguments, 3, LOOP, modes, nanoseconds, error));
    return nanoseconds.get(ValueLayout.JAVA_LONG, 0);
  }

  /** Through an Op with checked arguments. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public void op() {
    for (int i = 0; i < LOOP; i++) {
      add.callTensor(x, y, 1L).close();
    }
  }

  /** Through the named operator. */
  @Benchmark
  @OperationsPerInvocation(LOOP)
  public void named() {
    for (int i = 0; i < LOOP; i++) {
      x.add(y).close();
    }
  }
}
