package dev.tripoint.tensor;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory that Java lends to tensors. */
@Tag("versions")
class MemoryTest {
  private static long addressOf(Tensor tensor) {
    return CallFrame.describe(tensor).data();
  }

  @Test
  void standsOnTheCallersMemory() {
    try (Arena arena = Arena.ofConfined();
        TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      MemorySegment memory = arena.allocateFrom(JAVA_FLOAT, 1, 2, 3, 4, 5, 6);
      Tensor x = Tensor.of(memory, DType.FLOAT32, 2, 3);
      assertThat(addressOf(x)).isEqualTo(memory.address());
      assertThat(x.sizes()).containsExactly(2, 3);
      assertThat(x.strides()).containsExactly(3, 1);

      memory.setAtIndex(JAVA_FLOAT, 4, 50);
      assertThat(x.toFloatArray()).containsExactly(1, 2, 3, 4, 50, 6);
      x.mul_(2);
      assertThat(memory.toArray(JAVA_FLOAT)).containsExactly(2, 4, 6, 8, 100, 12);
    }
  }

  @Test
  void standsOnEveryKindOfNativeMemory() {
    try (Arena shared = Arena.ofShared();
        TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      for (Arena arena : List.of(shared, Arena.ofAuto(), Arena.global())) {
        MemorySegment memory = arena.allocate(80, 8);
        Tensor x = Tensor.of(memory.asSlice(16, 40), DType.INT64, 5);
        x.fill_(7L);
        assertThat(memory.getAtIndex(JAVA_LONG, 1)).isZero();
        assertThat(memory.getAtIndex(JAVA_LONG, 2)).isEqualTo(7);
        assertThat(memory.getAtIndex(JAVA_LONG, 6)).isEqualTo(7);
        assertThat(memory.getAtIndex(JAVA_LONG, 7)).isZero();
      }
    }
  }

  @Test
  void aMappedFileIsReadInPlace(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("floats");
    try (Arena arena = Arena.ofConfined();
        FileChannel channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      MemorySegment mapped = channel.map(MapMode.READ_WRITE, 0, 24, arena);
      Tensor x = Tensor.of(mapped, DType.FLOAT32, 6);
      assertThat(addressOf(x)).isEqualTo(mapped.address());
      x.copy_(Torch.arange(6));
      mapped.force();
      assertThat(MemorySegment.ofArray(Files.readAllBytes(file)).toArray(unaligned()))
          .containsExactly(0, 1, 2, 3, 4, 5);
    }
  }

  private static java.lang.foreign.ValueLayout.OfFloat unaligned() {
    return java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
  }

  @Test
  void aReadOnlyFileIsNeverWrittenTo(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("floats");
    Files.write(file, new byte[24]);
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      MemorySegment mapped = channel.map(MapMode.READ_ONLY, 0, 24, arena);
      Tensor x = Tensor.of(mapped, DType.FLOAT32, 2, 3);
      assertThat(x.add(1).toFloatArray()).containsExactly(1, 1, 1, 1, 1, 1);
      Tensor one = Torch.ones(2, 3);
      List<org.assertj.core.api.ThrowableAssert.ThrowingCallable> writes =
          List.of(
              () -> x.add_(1),
              () -> x.copy_(one),
              () -> x.zero_(),
              () -> x.view(6).fill_(1),
              () -> x.select(0, 1).fill_(1),
              () -> x.t().mul_(2),
              () -> x.detach().mul_(2),
              () -> x.retain().mul_(2),
              () -> x.to(DType.FLOAT32).mul_(2),
              () -> x.contiguous().mul_(2),
              () -> x.chunk(2, 0).get(1).mul_(2),
              () -> x.reshape(3, 2).mul_(2),
              () -> Op.of("aten::add.out").call(one, one, 1, x),
              () -> Op.of("aten::unbind.int").call(x).forEach(l -> first(l).zero_()),
              () -> Op.of("aten::alias").callTensor(x).zero_(),
              () -> Op.of("aten::_foreach_add_.Scalar").call(List.of(one, x), 1));
      for (int i = 0; i < writes.size(); i++) {
        assertThatThrownBy(writes.get(i))
            .as("write %d", i)
            .isInstanceOf(TensorException.class)
            .hasMessageContaining("read-only");
      }
      assertThat(x.copy().add_(1).toFloatArray()).containsOnly(1);
      MemorySegment lent = x.segment();
      assertThat(lent.isReadOnly()).isTrue();
      assertThat(lent.address()).isEqualTo(mapped.address());
      assertThatThrownBy(() -> lent.set(JAVA_FLOAT, 0, 1f))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(x.view(6).narrow(0, 2, 2).segment().isReadOnly()).isTrue();
      assertThat(x.toFloatArray()).containsOnly(0);
    }
  }

  private static Tensor first(Object list) {
    return (Tensor) ((List<?>) list).getFirst();
  }

  @Test
  void aHeapSegmentIsCopiedOnce() {
    float[] values = {1, 2, 3};
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      Tensor x = Tensor.of(MemorySegment.ofArray(values), DType.FLOAT32, 3);
      values[0] = 9;
      assertThat(x.toFloatArray()).containsExactly(1, 2, 3);
      x.mul_(2);
      assertThat(values).containsExactly(9, 2, 3);
    }
  }

  @Test
  void arraysAreCopiedAndGiveTheirTypes() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      assertThat(Tensor.of(new float[] {1}).dtype()).isEqualTo(DType.FLOAT32);
      assertThat(Tensor.of(new double[] {1}).dtype()).isEqualTo(DType.FLOAT64);
      assertThat(Tensor.of(new long[] {1}).dtype()).isEqualTo(DType.INT64);
      assertThat(Tensor.of(new int[] {1}).dtype()).isEqualTo(DType.INT32);
      assertThat(Tensor.of(new byte[] {-1}).dtype()).isEqualTo(DType.UINT8);
      assertThat(Tensor.of(new byte[] {-1}).itemLong()).isEqualTo(255);
      assertThat(Tensor.of(new boolean[] {true, false}).toBooleanArray())
          .containsExactly(true, false);
      assertThat(Tensor.of(new double[] {1, 2, 3, 4}, 2, 2).sizes()).containsExactly(2, 2);
      assertThat(Tensor.of(new float[0], 0, 3).sizes()).containsExactly(0, 3);
      assertThat(Tensor.of(new float[0]).numel()).isZero();
      assertThatThrownBy(() -> Tensor.of(new float[5], 2, 3))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[2, 3]")
          .hasMessageContaining("6")
          .hasMessageContaining("5");
    }
  }

  @Test
  void sizesMustFitExactlyAndWithoutOverflow() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(64, 16);
      assertThatThrownBy(() -> Tensor.of(memory, DType.FLOAT32, 3, 5))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("60 bytes")
          .hasMessageContaining("64");
      assertThatThrownBy(() -> Tensor.of(memory, DType.FLOAT32, 1L << 62, 1L << 62))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("larger than any memory");
      assertThatThrownBy(() -> Tensor.of(memory, DType.FLOAT32, 1L << 32, 1L << 32, 4))
          .isInstanceOf(IllegalArgumentException.class); // 2^66 elements: 16 after overflow
      assertThatThrownBy(() -> Tensor.of(memory, DType.FLOAT32, -16))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("negative");
      assertThatThrownBy(() -> Tensor.of(memory, DType.FLOAT32, -4, -4))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void theAddressMustBeAligned() {
    try (Arena arena = Arena.ofConfined();
        TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      MemorySegment memory = arena.allocate(64, 16);
      assertThatThrownBy(() -> Tensor.of(memory.asSlice(2, 8), DType.FLOAT32, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("multiple of 4");
      assertThatThrownBy(() -> Tensor.of(memory.asSlice(4, 16), DType.FLOAT64, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("multiple of 8");
      assertThat(Tensor.of(memory.asSlice(4, 16), DType.COMPLEX64, 2).numel()).isEqualTo(2);
      assertThat(Tensor.of(memory.asSlice(1, 3), DType.BOOL, 3).numel()).isEqualTo(3);
    }
  }

  @Test
  void everyTypeAndSizeReadsBack() {
    int[] lengths = {0, 1, 2, 13, 207, 1023};
    try (Arena arena = Arena.ofConfined();
        TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      for (DType dtype : DType.values()) {
        for (int length : lengths) {
          MemorySegment memory = arena.allocate((long) length * dtype.byteSize(), dtype.byteSize());
          Tensor x = Tensor.of(memory, dtype, length);
          assertThat(x.dtype()).isEqualTo(dtype);
          assertThat(x.numel()).isEqualTo(length);
          x.fill_(1);
          MemorySegment lent = x.segment();
          assertThat(lent.byteSize()).isEqualTo(memory.byteSize());
          if (length > 0) {
            assertThat(lent.address()).isEqualTo(memory.address());
            assertThat(lent.mismatch(memory)).isEqualTo(-1);
          }
          if (!dtype.isComplex()) {
            assertThat(x.toLongArray()).hasSize(length).containsOnly(longs(length));
          }
        }
      }
    }
  }

  private static long[] longs(int length) {
    long[] ones = new long[length];
    java.util.Arrays.fill(ones, 1);
    return ones;
  }

  @Test
  void aClosedArenaIsAnExceptionAndNotACrash() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      Tensor x;
      Tensor view;
      Tensor part;
      Tensor sum;
      try (Arena arena = Arena.ofConfined()) {
        x = Tensor.of(arena.allocate(1 << 20, 4), DType.FLOAT32, 1 << 18);
        view = x.view(2, -1);
        part = x.chunk(2, 0).get(1);
        sum = x.sum();
      }
      for (Tensor dead : List.of(x, view, part)) {
        assertThatThrownBy(() -> dead.add(1))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("arena")
            .hasMessageContaining("closed");
        assertThatThrownBy(dead::toFloatArray).hasMessageContaining("arena");
        assertThatThrownBy(dead::segment).hasMessageContaining("arena");
        assertThatThrownBy(() -> dead.zero_()).hasMessageContaining("arena");
        assertThatThrownBy(dead::item).hasMessageContaining("arena");
        assertThatThrownBy(() -> Torch.cat(sum.view(1), dead)).hasMessageContaining("arena");
        assertThatThrownBy(dead::toString).hasMessageContaining("arena");
        assertThat(dead.callsRunning()).isZero();
      }
      assertThat(sum.item()).isZero();
    }
    MemorySegment memory;
    try (Arena arena = Arena.ofConfined()) {
      memory = arena.allocate(4, 4);
    }
    assertThatThrownBy(() -> Tensor.of(memory, DType.FLOAT32, 1)).hasMessageContaining("closed");
  }

  @Test
  void aSegmentOfAnotherThreadIsRefused() throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(4, 4);
      assertThatThrownBy(() -> TensorScopeTest.elsewhere(() -> Tensor.of(memory, DType.FLOAT32, 1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("another thread");
    }
  }

  @Test
  void memoryStaysReachableUntilTheLastViewIsGone() throws InterruptedException {
    int before = Backing.count();
    Tensor view;
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Tensor.of(Arena.ofAuto().allocate(1 << 16, 4), DType.FLOAT32, 1 << 14);
      x.fill_(3);
      view = scope.keep(x.narrow(0, 5, 3));
    }
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(20);
    }
    assertThat(Backing.count()).isEqualTo(before + 1);
    assertThat(view.toFloatArray()).containsExactly(3, 3, 3);
    view.close();
    assertThat(Backing.count()).isEqualTo(before);
  }

  @Test
  void memoryThatAutogradSavedStaysReachable() {
    int before = Backing.count();
    Tensor loss;
    Tensor weight = Torch.ones(3).requiresGrad(true);
    try (TensorScope scope = TensorScope.open()) {
      MemorySegment memory = Arena.ofAuto().allocateFrom(JAVA_FLOAT, 1, 2, 3);
      loss = scope.keep(weight.mul(Tensor.of(memory, DType.FLOAT32, 3)).sum());
    }
    assertThat(Backing.count()).isEqualTo(before + 1);
    loss.backward();
    try (Tensor gradient = weight.grad()) {
      assertThat(gradient.toFloatArray()).containsExactly(1, 2, 3);
    }
    loss.close();
    assertThat(Backing.count()).isEqualTo(before);
    weight.close();
  }

  @Test
  void aRefusedTensorHoldsNothing() {
    int before = Backing.count();
    try (Arena arena = Arena.ofConfined()) {
      long[] deep = new long[70];
      java.util.Arrays.fill(deep, 1);
      try {
        Tensor.of(arena.allocate(4, 4), DType.FLOAT32, deep).close();
      } catch (TensorException e) {
        assertThat(e.getMessage()).isNotEmpty();
      }
    }
    assertThat(Backing.count()).isEqualTo(before);
  }

  @Test
  void aGradientOverTheCallersMemoryIsKnownToBe() {
    try (Arena arena = Arena.ofConfined();
        TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      MemorySegment memory = arena.allocateFrom(JAVA_FLOAT, 1, 2);
      Tensor x = Torch.ones(2).requiresGrad(true);
      x.grad(Tensor.of(memory.asReadOnly(), DType.FLOAT32, 2));
      assertThat(x.grad().toFloatArray()).containsExactly(1, 2);
      assertThatThrownBy(() -> x.grad().zero_()).hasMessageContaining("read-only");
      x.grad(null);
      assertThat(x.grad()).isNull();
    }
  }

  @Test
  void pinnedMemoryIsASegmentWhereThereIsAGpu() {
    if (LibTorch.cudaCount() == 0) {
      assertThatThrownBy(() -> Torch.emptyPinned(DType.FLOAT32, 4))
          .isInstanceOf(TensorException.class);
    }
    assumeThat(LibTorch.cudaCount()).as("skipped: this machine has no GPU").isPositive();
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      Tensor pinned = Torch.emptyPinned(DType.FLOAT32, 4).fill_(2);
      MemorySegment lent = pinned.segment();
      assertThat(lent.toArray(JAVA_FLOAT)).containsExactly(2, 2, 2, 2);
      Tensor there = pinned.to(Device.cuda(0), true);
      LibTorch.synchronize(Device.cuda(0));
      assertThat(there.toFloatArray()).containsExactly(2, 2, 2, 2);
      assertThat(there.device()).isEqualTo(Device.cuda(0));
      DeviceMemory memory = there.deviceMemory();
      assertThat(memory.byteSize()).isEqualTo(16);
      assertThat(memory.address().byteSize()).isZero();
      assertThatThrownBy(() -> memory.address().get(JAVA_BYTE, 0))
          .isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(there::segment)
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("cuda:0");
      assertThat(there.add(1).toString()).isEqualTo("tensor([3., 3., 3., 3.], device='cuda:0')");
    }
  }
}
