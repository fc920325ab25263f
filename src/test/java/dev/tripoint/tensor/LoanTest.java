package dev.tripoint.tensor;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Memory that tensors lend to Java. */
@Tag("versions")
class LoanTest {
  @Test
  void bothSidesSeeWhatIsWritten() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      Tensor x = Torch.zeros(2, 3);
      MemorySegment lent = x.segment();
      assertThat(lent.address()).isEqualTo(CallFrame.describe(x).data());
      assertThat(lent.byteSize()).isEqualTo(24);
      assertThat(lent.isReadOnly()).isFalse();
      lent.setAtIndex(JAVA_FLOAT, 4, 7);
      assertThat(x.toFloatArray()).containsExactly(0, 0, 0, 0, 7, 0);
      x.add_(1);
      assertThat(lent.toArray(JAVA_FLOAT)).containsExactly(1, 1, 1, 1, 8, 1);
      assertThatThrownBy(() -> lent.get(JAVA_FLOAT, 24))
          .isInstanceOf(IndexOutOfBoundsException.class);

      MemorySegment row = x.select(0, 1).segment();
      assertThat(row.address()).isEqualTo(lent.address() + 12);
      assertThat(row.byteSize()).isEqualTo(12);
    }
  }

  @Test
  void livesAsLongAsItsScopeAlsoWhenTheTensorIsClosed() {
    MemorySegment lent;
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      Tensor x = Torch.full(5, 1000);
      lent = x.segment();
      x.close();
      Torch.zeros(1000).close();
      assertThat(lent.getAtIndex(JAVA_FLOAT, 999)).isEqualTo(5);
      try (TensorScope inner = TensorScope.open()) {
        assertThat(inner).isNotNull();
      }
      assertThat(lent.scope().isAlive()).isTrue();
    }
    assertThat(lent.scope().isAlive()).isFalse();
    assertThatThrownBy(() -> lent.get(JAVA_FLOAT, 0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void anOuterTensorLendsToTheInnerScope() {
    try (TensorScope outer = TensorScope.open()) {
      assertThat(outer).isNotNull();
      Tensor x = Torch.ones(4);
      MemorySegment lent;
      try (TensorScope inner = TensorScope.open()) {
        assertThat(inner).isNotNull();
        lent = x.segment();
      }
      assertThat(lent.scope().isAlive()).isFalse();
      Op.of("aten::resize_").call(x, new long[] {100}); // the loan is over
      assertThat(x.numel()).isEqualTo(100);
    }
  }

  @Test
  void needsAScope() {
    Tensor x = Torch.ones(1);
    assertThatThrownBy(x::segment)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("open a TensorScope");
    x.close();
  }

  @Test
  void confinedByDefaultAndSharedOnRequest() throws Exception {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      MemorySegment lent = Torch.ones(1).segment();
      assertThatThrownBy(() -> TensorScopeTest.elsewhere(() -> lent.get(JAVA_FLOAT, 0)))
          .isInstanceOf(WrongThreadException.class);
    }
    MemorySegment after;
    try (TensorScope scope = TensorScope.openShared()) {
      assertThat(scope).isNotNull();
      MemorySegment lent = Torch.ones(1).segment();
      assertThat(TensorScopeTest.elsewhere(() -> lent.get(JAVA_FLOAT, 0))).isEqualTo(1f);
      after = lent;
    }
    assertThat(after.scope().isAlive()).isFalse();
  }

  @Test
  void oneArenaForAScope() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      assertThat(Torch.ones(1).segment().scope()).isEqualTo(Torch.ones(2).segment().scope());
    }
  }

  @Test
  void whatMovesTheStorageIsRefusedWhileItIsLent() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      Tensor x = Torch.ones(2, 3);
      Tensor view = x.view(6);
      Tensor other = Torch.ones(9);
      MemorySegment lent = view.segment();
      List<org.assertj.core.api.ThrowableAssert.ThrowingCallable> moves =
          List.of(
              () -> Op.of("aten::resize_").call(x, new long[] {1000}),
              () -> Op.of("aten::resize_").call(view, new long[] {1000}),
              () -> Op.of("aten::resize_").callTensor(x, new long[] {1000}),
              () -> Op.of("aten::resize_as_").call(x, other),
              () -> Op.of("aten::set_.source_Tensor").call(x, other),
              () -> Op.of("aten::set_").call(x),
              () -> Op.of("aten::set_data").call(x, other),
              () -> Op.of("aten::add.out").call(other, other, 1, x),
              () -> Op.of("aten::add.out").callTensor(other, other, 1, view),
              () -> Op.of("aten::cat.out").call(List.of(other, other), 0, x),
              () ->
                  Op.of("aten::max.dim_max")
                      .call(other.view(3, 3), 0, false, x, Torch.empty(DType.INT64, 0)));
      for (int i = 0; i < moves.size(); i++) {
        assertThatThrownBy(moves.get(i))
            .as("move %d", i)
            .isInstanceOf(TensorException.class)
            .hasMessageStartingWith("aten::")
            .hasMessageContaining("lent to Java");
      }
      assertThat(lent.toArray(JAVA_FLOAT)).containsOnly(1);
      assertThat(CallFrame.describe(x).data()).isEqualTo(lent.address());
      assertThat(x.sizes()).containsExactly(2, 3);
    }
  }

  @Test
  void outOfTheSameShapeWritesIntoTheLentMemory() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      Tensor x = Torch.ones(2, 3);
      MemorySegment lent = x.segment();
      Tensor a = Torch.full(2, 2, 3);
      List<Object> results = Op.of("aten::add.out").call(a, a, 1, x);
      assertThat(results).containsExactly(x);
      assertThat(lent.toArray(JAVA_FLOAT)).containsOnly(4);

      Tensor values = Torch.empty(3);
      Tensor indices = Torch.empty(DType.INT64, 3);
      MemorySegment lentValues = values.segment();
      Tensor m = Tensor.of(new float[] {1, 5, 3, 4, 2, 6}, 2, 3);
      List<Object> both = Op.of("aten::max.dim_max").call(m, 0, false, values, indices);
      assertThat(both).containsExactly(values, indices);
      assertThat(lentValues.toArray(JAVA_FLOAT)).containsExactly(4, 5, 6);
      assertThat(indices.toLongArray()).containsExactly(1, 0, 1);
    }
  }

  @Test
  void outOnMemoryThatIsNotLentMayResize() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      MemorySegment lent = Torch.ones(3).segment();
      Tensor out = Torch.empty(0);
      Tensor a = Torch.ones(2, 2);
      assertThat(Op.of("aten::add.out").callTensor(a, a, 1, out)).isSameAs(out);
      assertThat(out.sizes()).containsExactly(2, 2);
      assertThat(lent.byteSize()).isEqualTo(12);
    }
  }

  @Test
  void severalLoansOfOneStorageAllCount() {
    try (TensorScope outer = TensorScope.open()) {
      assertThat(outer).isNotNull();
      Tensor x = Torch.ones(4);
      x.segment();
      try (TensorScope inner = TensorScope.open()) {
        assertThat(inner).isNotNull();
        x.segment();
        x.narrow(0, 1, 2).segment();
      }
      assertThatThrownBy(() -> Op.of("aten::resize_").call(x, new long[] {9}))
          .hasMessageContaining("lent to Java");
    }
    assertThat(Loan.anyLent()).isFalse();
  }

  @Test
  void onlyContiguousMemoryOfTheCpuIsLent() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      Tensor x = Torch.ones(2, 3);
      assertThatThrownBy(() -> x.t().segment())
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("contiguous()");
      assertThatThrownBy(() -> x.select(1, 0).segment()).hasMessageContaining("contiguous()");
      assertThatThrownBy(() -> Torch.ones(1, 3).expand(2, 3).segment())
          .hasMessageContaining("contiguous()");
      assertThat(x.t().contiguous().segment().byteSize()).isEqualTo(24);
      assertThatThrownBy(() -> Torch.empty(DType.FLOAT32, Device.META, 3).segment())
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("meta");
      assertThatThrownBy(x::deviceMemory)
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("cpu");
      Tensor complex = Torch.ones(DType.COMPLEX64, 2);
      assertThat(complex.segment().byteSize()).isEqualTo(16);
      assertThatThrownBy(() -> Op.of("aten::_conj").callTensor(complex).segment())
          .isInstanceOf(TensorException.class)
          .hasMessageContaining("conjugate");
      assertThat(Torch.empty(0, 3).segment().byteSize()).isZero();
    }
  }

  @Test
  void aScopeClosedWhileLentMemoryIsInUseElsewhereStillClosesTheRest() throws Exception {
    // poll(lent, 0, ms) reads nothing and holds the segment, as any native call on it does.
    Linker linker = Linker.nativeLinker();
    MethodHandle poll =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("poll"),
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    TensorScope scope = TensorScope.openShared();
    Tensor x = Torch.ones(1);
    Tensor y = x.retain().keep();
    MemorySegment lent = x.segment();
    CountDownLatch started = new CountDownLatch(1);
    Thread reader =
        Thread.ofPlatform()
            .start(() -> {
              started.countDown();
              try {
                assertThat((int) poll.invokeExact(lent, 0L, 1500)).isZero();
              } catch (Throwable e) {
                throw new IllegalStateException(e);
              }
            });
    started.await();
    Thread.sleep(300);
    assertThatThrownBy(scope::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("in use by a native call of another thread");
    assertThat(x.isClosed()).isTrue();
    assertThat(TensorScope.current()).isNull();
    assertThat(lent.scope().isAlive()).isTrue();
    assertThatThrownBy(() -> Op.of("aten::resize_").call(y, new long[] {9}))
        .hasMessageContaining("lent to Java");
    reader.join();

    try (TensorScope later = TensorScope.openShared()) {
      assertThat(later).isNotNull();
      y.segment();
    }
    assertThat(lent.scope().isAlive()).isFalse();
    assertThat(Loan.anyLent()).isFalse();
    y.close();
  }
}
