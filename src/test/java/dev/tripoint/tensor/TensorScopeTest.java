package dev.tripoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Who owns a tensor, when it is freed, and what happens on every wrong use. */
@Tag("versions")
class TensorScopeTest {
  @AfterEach
  void nothingIsLeftOpen() {
    assertThat(TensorScope.current()).isNull();
    assertThat(Autograd.isGradEnabled()).isTrue();
  }

  /** Runs on another thread and gives or throws what came out. */
  static <T> T elsewhere(Callable<T> work) throws Exception {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().start(task);
    try {
      return task.get(60, TimeUnit.SECONDS);
    } catch (java.util.concurrent.ExecutionException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }

  @Test
  void closesWhatWasMadeInIt() {
    Tensor inner;
    try (TensorScope scope = TensorScope.open()) {
      assertThat(TensorScope.current()).isSameAs(scope);
      inner = Torch.ones(3);
      assertThat(inner.isClosed()).isFalse();
    }
    assertThat(inner.isClosed()).isTrue();
    assertThatThrownBy(inner::sum)
        .isInstanceOf(TensorClosedException.class)
        .hasMessageContaining("closed");
  }

  @Test
  void aResultBelongsToTheInnermostScopeAndNotToItsInput() {
    try (TensorScope outer = TensorScope.open()) {
      Tensor x = Torch.ones(3);
      Tensor y;
      try (TensorScope inner = TensorScope.open()) {
        assertThat(inner).isNotSameAs(outer);
        y = x.add(1);
      }
      assertThat(y.isClosed()).isTrue();
      assertThat(x.isClosed()).isFalse();
    }
  }

  @Test
  void withoutAScopeTheCallerOwns() {
    Tensor x = Torch.ones(3);
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope.keep(x)).isSameAs(x);
    }
    assertThat(x.isClosed()).isFalse();
    assertThat(x.keep()).isSameAs(x);
    x.close();
    assertThatThrownBy(x::keep).isInstanceOf(TensorClosedException.class);
  }

  @Test
  void keepHandsToTheScopeOutside() {
    Tensor twice;
    try (TensorScope outer = TensorScope.open()) {
      Tensor once;
      try (TensorScope inner = TensorScope.open()) {
        once = inner.keep(Torch.ones(2));
        twice = Torch.ones(2).keep().keep();
      }
      assertThat(once.isClosed()).isFalse();
      assertThat(twice.isClosed()).isFalse();
      once.close();
      assertThat(outer.keep(twice)).isSameAs(twice);
    }
    assertThat(twice.isClosed()).isFalse();
    twice.close();
  }

  @Test
  void keepByAnOuterScopeLiftsOverThoseInside() {
    Tensor kept;
    Tensor left;
    try (TensorScope outer = TensorScope.open()) {
      try (TensorScope inner = TensorScope.open()) {
        assertThat(inner).isNotNull();
        kept = outer.keep(Torch.ones(2));
        left = Torch.ones(2);
      }
      assertThat(left.isClosed()).isTrue();
    }
    assertThat(kept.isClosed()).isFalse();
    kept.close();
  }

  @Test
  void retainIsAHandleWithALifeOfItsOwn() {
    Tensor again;
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Torch.full(7, 2);
      again = x.retain();
      assertThat(again).isNotSameAs(x).isNotEqualTo(x);
      scope.keep(again);
    }
    assertThat(again.toFloatArray()).containsExactly(7, 7);
    again.close();
  }

  @Test
  void closedTwiceIsAnException() {
    Tensor x = Torch.ones(1);
    x.close();
    assertThatThrownBy(x::close)
        .isInstanceOf(TensorClosedException.class)
        .hasMessageContaining("closed already");
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      Torch.ones(1).close(); // its scope forgets it and does not close it again
    }
  }

  @Test
  void everyUseAfterCloseIsAnException() {
    Tensor x = Torch.ones(2, 2);
    Tensor open = Torch.ones(2, 2);
    Op add = Op.of("aten::add.Tensor");
    x.close();
    List<org.assertj.core.api.ThrowableAssert.ThrowingCallable> uses =
        List.of(
            x::dtype,
            x::device,
            x::dim,
            x::sizes,
            x::strides,
            x::numel,
            x::requiresGrad,
            x::isContiguous,
            x::toFloatArray,
            x::item,
            x::retain,
            x::keep,
            x::grad,
            x::backward,
            () -> x.grad(open),
            () -> open.grad(x),
            () -> x.requiresGrad(true),
            () -> x.add(open),
            () -> open.add(x),
            () -> open.add_(x),
            () -> add.call(open, x),
            () -> add.callTensor(x, open),
            () -> Torch.cat(List.of(open, x), 0),
            () -> Torch.cat(open, x),
            () -> open.index(x),
            () -> Autograd.grad(x, open),
            () -> Autograd.grad(open, x));
    for (var use : uses) {
      assertThatThrownBy(use).isInstanceOf(TensorClosedException.class);
    }
    assertThat(x).hasToString("tensor(closed)");
    assertThat(open.add(1).toFloatArray()).containsExactly(2, 2, 2, 2);
    open.close();
  }

  @Test
  void closingOutOfOrderIsAnExceptionAndClosesNothing() {
    TensorScope outer = TensorScope.open();
    Tensor x = Torch.ones(1);
    TensorScope inner = TensorScope.open();
    assertThatThrownBy(outer::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("opposite order");
    assertThat(x.isClosed()).isFalse();
    inner.close();
    outer.close();
    assertThat(x.isClosed()).isTrue();
    assertThatThrownBy(outer::close)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed already");
  }

  @Test
  void anotherThreadCannotCloseAScopeOrKeepInIt() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Torch.ones(1);
      assertThatThrownBy(() ->
              elsewhere(() -> {
                scope.close();
                return null;
              }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("thread that opened it");
      assertThatThrownBy(() -> elsewhere(() -> scope.keep(x)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("thread that opened it");
      assertThat(x.isClosed()).isFalse();
    }
  }

  @Test
  void aTensorOfAnotherThreadsScopeIsRetainedAndNotKept() throws Exception {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      Tensor x = Torch.ones(2);
      Tensor again =
          elsewhere(() -> {
            try (TensorScope own = TensorScope.open()) {
              assertThatThrownBy(() -> own.keep(x))
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("retain()");
              assertThatThrownBy(x::keep).isInstanceOf(IllegalStateException.class);
              return own.keep(x.retain());
            }
          });
      assertThat(again.toFloatArray()).containsExactly(1, 1);
      again.close();
    }
  }

  @Test
  void anotherThreadHasItsOwnScopesAndMayUseTheTensor() throws Exception {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = scope.keep(Torch.ones(2));
      assertThat(elsewhere(TensorScope::current)).isNull();
      float[] doubled =
          elsewhere(() -> {
            try (TensorScope own = TensorScope.open()) {
              assertThat(own).isNotNull();
              return x.mul(2).toFloatArray();
            }
          });
      assertThat(doubled).containsExactly(2, 2);
      x.close();
    }
  }

  @Test
  void anotherThreadMayCloseATensorOfTheScope() throws Exception {
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> all = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        all.add(Torch.ones(1));
      }
      elsewhere(() -> {
        for (int i = 0; i < 100; i += 2) {
          all.get(i).close();
        }
        return null;
      });
      assertThat(count(scope)).isEqualTo(100);
      Tensor next = Torch.ones(1); // takes the closed ones out
      assertThat(count(scope)).isEqualTo(51);
      all.get(1).close();
      next.close();
      assertThat(count(scope)).isEqualTo(49);
    }
  }

  private static int count(TensorScope scope) {
    return scope.size();
  }

  @Test
  void exceptionsInTheMiddleLeaveNothingOpen() {
    AtomicReference<Tensor> made = new AtomicReference<>();
    assertThatThrownBy(
            () -> {
              try (TensorScope scope = TensorScope.open()) {
                assertThat(scope).isNotNull();
                made.set(Torch.ones(2, 3));
                made.get().mm(made.get());
              }
            })
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("aten::mm")
        .hasMessageContaining("2x3");
    assertThat(made.get().isClosed()).isTrue();
  }

  @Test
  void aFailedCallReleasesItsOperands() {
    Tensor x = Torch.ones(2, 3);
    assertThatThrownBy(() -> x.mm(x)).isInstanceOf(TensorException.class);
    assertThatThrownBy(() -> Op.of("aten::mm").call(x, "no"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Op.of("aten::mm").call(x))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> x.mm(null)).isInstanceOf(NullPointerException.class);
    assertThatThrownBy(() -> x.to((Device) null)).isInstanceOf(NullPointerException.class);
    assertThat(x.callsRunning()).isZero();
    x.close();
    assertThat(x.isClosed()).isTrue();
  }

  @Test
  void closingWhileAnotherThreadCallsIsSafe() throws Exception {
    int rounds = 4000;
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      for (int block = 0; block < rounds / 100; block++) {
        List<Tensor> shared = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
          shared.add(Torch.full(i, 16));
        }
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> running = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
          int first = t;
          running.add(
              pool.submit(() -> {
                start.await();
                for (int i = first; i < 100; i += 4) {
                  shared.get(i).close();
                }
                return null;
              }));
          running.add(
              pool.submit(() -> {
                start.await();
                for (int i = 99; i >= 0; i--) {
                  try (Tensor sum = shared.get(i).add(1)) {
                    assertThat(sum.toFloatArray()[15]).isEqualTo(i + 1f);
                  } catch (TensorClosedException e) {
                    assertThat(shared.get(i).isClosed()).isTrue();
                  }
                }
                return null;
              }));
        }
        start.countDown();
        for (Future<?> future : running) {
          future.get(60, TimeUnit.SECONDS);
        }
        assertThat(shared).allMatch(Tensor::isClosed);
      }
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void onlyOneOfManyClosesSucceeds() throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
      for (int round = 0; round < 500; round++) {
        Tensor x = Torch.ones(1);
        List<Future<Boolean>> closes = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
          closes.add(
              pool.submit(() -> {
                try {
                  x.close();
                  return true;
                } catch (TensorClosedException e) {
                  return false;
                }
              }));
        }
        int succeeded = 0;
        for (Future<Boolean> close : closes) {
          succeeded += close.get() ? 1 : 0;
        }
        assertThat(succeeded).isEqualTo(1);
      }
    }
  }

  @Test
  void virtualThreadsKeepTheirModesAndErrorsApart() throws Exception {
    Tensor x = Torch.ones(2, 3).requiresGrad(true);
    List<Throwable> wrong = java.util.Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    for (int t = 0; t < 200; t++) {
      boolean without = t % 2 == 0;
      int width = 4 + t;
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                try (TensorScope scope = TensorScope.open()) {
                  assertThat(scope).isNotNull();
                  Autograd.Mode mode = without ? Autograd.noGrad() : Autograd.enableGrad();
                  for (int i = 0; i < 5; i++) {
                    assertThat(x.mul(2).requiresGrad()).isEqualTo(!without);
                    Thread.sleep(1);
                    Tensor bad = Torch.ones(width, 1);
                    assertThatThrownBy(() -> x.mm(bad)).hasMessageContaining(width + "x1");
                    Thread.sleep(1);
                  }
                  mode.close();
                  assertThat(x.mul(2).requiresGrad()).isTrue();
                } catch (Throwable e) {
                  wrong.add(e);
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(wrong).isEmpty();
    x.close();
  }

  @Test
  void aVirtualThreadClosesItsScopeAfterItMoved() throws Exception {
    AtomicReference<Throwable> wrong = new AtomicReference<>();
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try (TensorScope scope = TensorScope.open()) {
                Tensor x = Torch.ones(2);
                for (int i = 0; i < 20; i++) {
                  Thread.sleep(1);
                  x = x.add(1);
                }
                assertThat(x.toFloatArray()).containsExactly(21, 21);
                assertThat(TensorScope.current()).isSameAs(scope);
              } catch (Throwable e) {
                wrong.set(e);
              }
            });
    thread.join();
    assertThat(wrong.get()).isNull();
  }

  @Test
  void manyTensorsClosedEarlyLeaveTheScopeEmpty() {
    try (TensorScope scope = TensorScope.open()) {
      for (int i = 0; i < 10_000; i++) {
        Torch.empty(1).close();
      }
      assertThat(scope.size()).isZero();
    }
  }

  @Test
  void generatorsAreTheCallers() {
    Generator generator;
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      generator = new Generator(3);
    }
    assertThat(generator.isClosed()).isFalse();
    try (Tensor a = Torch.randn(generator, DType.FLOAT32, 4);
        Tensor b = Torch.randn(generator.seed(3), DType.FLOAT32, 4)) {
      assertThat(a.toFloatArray()).isEqualTo(b.toFloatArray());
    }
    generator.close();
    assertThatThrownBy(() -> Torch.randn(generator, DType.FLOAT32, 4))
        .isInstanceOf(TensorClosedException.class)
        .hasMessageContaining("generator");
  }

  @Test
  void modesCloseInOrderOnTheirThread() {
    Autograd.Mode outer = Autograd.noGrad();
    Autograd.Mode inner = Autograd.enableGrad();
    assertThat(Autograd.isGradEnabled()).isTrue();
    assertThatThrownBy(outer::close).hasMessageContaining("opposite order");
    assertThatThrownBy(() ->
            elsewhere(() -> {
              inner.close();
              return null;
            }))
        .hasMessageContaining("thread that opened it");
    inner.close();
    assertThat(Autograd.isGradEnabled()).isFalse();
    outer.close();
    assertThatThrownBy(outer::close).hasMessageContaining("closed already");
    assertThatCode(() -> Autograd.noGrad().close()).doesNotThrowAnyException();
  }
}
