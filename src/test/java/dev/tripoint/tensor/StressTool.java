package dev.tripoint.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Lifetimes under load, run by {@code scripts/stress --calls N --seed S}. Prints each figure; exits
 * with 1 when one is out of bounds.
 */
public final class StressTool {
  private static final long LIMIT_MIB = 20;

  private final int calls;
  private final long seed;
  private boolean failed;

  private StressTool(int calls, long seed) {
    this.calls = calls;
    this.seed = seed;
  }

  /** Runs all parts. */
  public static void main(String[] arguments) throws Exception {
    int calls = 1_000_000;
    long seed = 1;
    for (int i = 0; i + 1 < arguments.length; i += 2) {
      switch (arguments[i]) {
        case "--calls" -> calls = Integer.parseInt(arguments[i + 1]);
        case "--seed" -> seed = Long.parseLong(arguments[i + 1]);
        default -> {
          System.err.println("unknown option " + arguments[i]);
          System.exit(2);
        }
      }
    }
    StressTool tool = new StressTool(calls, seed);
    System.out.println("calls " + calls + ", seed " + seed + ", " + LibTorch.info().version());
    tool.run();
    System.exit(tool.failed ? 1 : 0);
  }

  private void run() throws Exception {
    memoryStaysFlat("tensors closed one by one in a scope", this::closedInOneScope);
    memoryStaysFlat("tensors of many scopes", this::manyScopes);
    memoryStaysFlat("exceptions in the middle", this::exceptions);
    memoryStaysFlat("results of several, lists and texts", this::lists);
    memoryStaysFlat("memory wrapped and lent", this::lending);
    closingAndCalling();
    virtualThreads();
    check("segments still held", Backing.count(), 0);
    check("loans left", Loan.anyLent() ? 1 : 0, 0);
  }

  private interface Work {
    void run(int times);
  }

  /** RssAnon after all calls must be near that after a tenth. */
  private void memoryStaysFlat(String what, Work work) throws IOException {
    int tenth = Math.max(1, calls / 10);
    work.run(tenth);
    System.gc();
    long before = anonymousKib();
    long start = System.nanoTime();
    work.run(calls - tenth);
    long nanos = System.nanoTime() - start;
    System.gc();
    long after = anonymousKib();
    double growth = (after - before) / 1024.0;
    System.out.printf(
        "%-40s RssAnon %.1f MiB after %,d, %.1f MiB after %,d: %+.1f MiB; %.2f us each%n",
        what,
        before / 1024.0,
        tenth,
        after / 1024.0,
        calls,
        growth,
        nanos / 1e3 / Math.max(1, calls - tenth));
    if (Math.abs(growth) > LIMIT_MIB) {
      fail(what + " changed memory by more than " + LIMIT_MIB + " MiB");
    }
  }

  private static long anonymousKib() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("RssAnon:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("/proc/self/status has no RssAnon");
  }

  private void closedInOneScope(int times) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor x = Torch.ones(256);
      for (int i = 0; i < times; i++) {
        x.add(i).close();
      }
      check("tensors left in the scope", scope.size(), 1);
    }
  }

  private void manyScopes(int times) {
    Tensor x = Torch.ones(256);
    for (int i = 0; i < times; i += 100) {
      try (TensorScope scope = TensorScope.open()) {
        Tensor sum = x;
        for (int j = 0; j < 100; j++) {
          sum = sum.add(x);
        }
        scope.keep(sum).close();
      }
    }
    x.close();
  }

  private void exceptions(int times) {
    Tensor x = Torch.ones(2, 300);
    Op mm = Op.of("aten::mm");
    for (int i = 0; i < times; i += 2) { // two tensors a round, on average
      try (TensorScope scope = TensorScope.open()) {
        Tensor y = x.add(1);
        if (i % 3 == 0) {
          y.mul(2).mm(y);
        } else if (i % 3 == 1) {
          mm.call(y.mul(2), y.mul(3), scope);
        } else {
          y.close();
          y.mul(2);
        }
        throw new IllegalStateException("nothing was thrown");
      } catch (TensorException | IllegalArgumentException | TensorClosedException e) {
        if (e.getMessage().isEmpty()) {
          fail("an exception has no message");
        }
      }
    }
    check("calls that still hold the operand", x.callsRunning(), 0);
    x.close();
  }

  private void lists(int times) {
    Tensor x = Torch.ones(64, 4);
    Op split = Op.of("aten::split.Tensor");
    Op upper = Op.of("aten::upper");
    for (int i = 0; i < times; i += 16) {
      try (TensorScope scope = TensorScope.open()) {
        split.call(x, 8);
        x.max(1, false).values().close();
        x.chunk(4, 0).getFirst().close();
        x.sort(0, true);
        if (!upper.call("text").getFirst().equals("TEXT") || scope.size() == 0) {
          fail("a text came back wrong");
        }
      }
    }
    x.close();
  }

  private void lending(int times) {
    for (int i = 0; i < times; i += 3) {
      try (java.lang.foreign.Arena arena = java.lang.foreign.Arena.ofConfined();
          TensorScope scope = TensorScope.open()) {
        var memory = arena.allocate(4096, 64);
        Tensor x = Tensor.of(memory, DType.FLOAT32, 32, 32);
        Tensor row = x.select(0, 3);
        row.fill_(i);
        var lent = row.add(1).segment();
        if (lent.getAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, 5) != i + 1f) {
          fail("a lent segment has the wrong value");
        }
        row.segment();
        x.close();
        if (scope.size() != 2) {
          fail("a tensor is missing in the scope");
        }
      }
    }
  }

  /** Four threads close what four others use. */
  private void closingAndCalling() throws Exception {
    int slots = 8;
    AtomicReferenceArray<Tensor> shared = new AtomicReferenceArray<>(slots);
    for (int i = 0; i < slots; i++) {
      shared.set(i, Torch.full(i, 64));
    }
    AtomicLong answers = new AtomicLong();
    AtomicLong refusals = new AtomicLong();
    AtomicInteger wrong = new AtomicInteger();
    long start = System.nanoTime();
    List<Callable<Void>> work = new ArrayList<>();
    for (int t = 0; t < 4; t++) {
      Random random = new Random(seed + t);
      work.add(() -> {
        for (int i = 0; i < calls / 4; i++) {
          int slot = random.nextInt(slots);
          shared.getAndSet(slot, Torch.full(slot, 64)).close();
        }
        return null;
      });
      Random other = new Random(seed + 100 + t);
      work.add(() -> {
        for (int i = 0; i < calls / 4; i++) {
          int slot = other.nextInt(slots);
          Tensor tensor = shared.get(slot);
          try (Tensor sum = tensor.add(1)) {
            answers.incrementAndGet();
            if ((i & 63) == 0 && sum.select(0, 63).item() != slot + 1) {
              wrong.incrementAndGet();
            }
          } catch (TensorClosedException e) {
            refusals.incrementAndGet();
          }
        }
        return null;
      });
    }
    runAll(Executors.newFixedThreadPool(8), work);
    for (int i = 0; i < slots; i++) {
      shared.get(i).close();
    }
    System.out.printf(
        "%-40s %,d closes, %,d calls answered, %,d refused as closed, %d wrong; %.1f s%n",
        "4 threads closing, 4 calling",
        calls / 4 * 4,
        answers.get(),
        refusals.get(),
        wrong.get(),
        (System.nanoTime() - start) / 1e9);
    check("wrong answers", wrong.get(), 0);
    check("calls accounted for", answers.get() + refusals.get(), calls / 4 * 4L);
  }

  /** A thousand virtual threads in no-grad scopes that fail, sleep and go on. */
  private void virtualThreads() throws Exception {
    int threads = 1000;
    int rounds = Math.max(5, calls / 20_000);
    Tensor x = Torch.ones(2, 3).requiresGrad(true);
    AtomicInteger wrong = new AtomicInteger();
    AtomicLong moves = new AtomicLong();
    long start = System.nanoTime();
    List<Callable<Void>> work = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      int number = t;
      work.add(() -> {
        Random random = new Random(seed + number);
        for (int i = 0; i < rounds; i++) {
          boolean record = random.nextBoolean();
          try (TensorScope scope = TensorScope.open();
              Autograd.Mode mode = record ? Autograd.enableGrad() : Autograd.noGrad()) {
            String carrier = Thread.currentThread().toString();
            Tensor y = x.mul(2);
            Thread.sleep(random.nextInt(2));
            int width = 4 + number;
            try {
              x.mm(Torch.ones(width, 1));
              wrong.incrementAndGet();
            } catch (TensorException e) {
              if (!e.getMessage().contains(width + "x1")) {
                wrong.incrementAndGet();
              }
            }
            Thread.sleep(random.nextInt(2));
            if (!carrier.equals(Thread.currentThread().toString())) {
              moves.incrementAndGet();
            }
            boolean right =
                y.requiresGrad() == record
                    && x.add(1).requiresGrad() == record
                    && Autograd.isGradEnabled() == record
                    && mode != null
                    && scope == TensorScope.current();
            wrong.addAndGet(right ? 0 : 1);
          }
          wrong.addAndGet(Autograd.isGradEnabled() ? 0 : 1);
        }
        return null;
      });
    }
    runAll(Executors.newVirtualThreadPerTaskExecutor(), work);
    check("calls that still hold the operand", x.callsRunning(), 0);
    x.close();
    System.out.printf(
        "%-40s %,d rounds each, carrier changed %,d times, %d wrong; %.1f s%n",
        "1,000 virtual threads",
        rounds,
        moves.get(),
        wrong.get(),
        (System.nanoTime() - start) / 1e9);
    check("wrong modes, errors or scopes", wrong.get(), 0);
  }

  private static void runAll(ExecutorService pool, List<Callable<Void>> work) throws Exception {
    try (pool) {
      for (Future<Void> done : pool.invokeAll(work)) {
        try {
          done.get();
        } catch (ExecutionException e) {
          throw new IllegalStateException(e.getCause());
        }
      }
    }
  }

  private void check(String what, long is, long wanted) {
    if (is != wanted) {
      fail(what + ": " + is + " instead of " + wanted);
    }
  }

  private void fail(String message) {
    failed = true;
    System.out.println("FAILED " + message);
  }
}
