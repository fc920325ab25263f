package dev.tripoint.bench;

import dev.tripoint.bench.side.Work;
import dev.tripoint.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Batch-hard forward and backward, written in C++ with LibTorch's own classes: one downcall for all
 * of it. Its memory lasts as long as the process.
 */
final class CppBatchHard implements Work {
  private static final MethodHandle MAKE =
      CppLibrary.function(
          "batch_make",
          FunctionDescriptor.of(
              ValueLayout.ADDRESS,
              ValueLayout.ADDRESS,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_DOUBLE));
  private static final MethodHandle STEP =
      CppLibrary.function(
          "batch_step", FunctionDescriptor.of(ValueLayout.JAVA_FLOAT, ValueLayout.ADDRESS));

  private final MemorySegment batch;

  /** For float32 embeddings and int64 labels, which are copied. */
  CppBatchHard(Tensor embeddings, Tensor labels, double margin) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment rows = arena.allocateFrom(ValueLayout.JAVA_FLOAT, embeddings.toFloatArray());
      MemorySegment classes = arena.allocateFrom(ValueLayout.JAVA_LONG, labels.toLongArray());
      batch =
          (MemorySegment)
              MAKE.invokeExact(rows, classes, embeddings.size(0), embeddings.size(1), margin);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public long call() {
    loss();
    return 0;
  }

  /** One step, and the loss that it found. */
  float loss() {
    try {
      return (float) STEP.invokeExact(batch);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
