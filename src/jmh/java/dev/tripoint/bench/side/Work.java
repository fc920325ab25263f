package dev.tripoint.bench.side;

/** One call of what is measured. What it makes is freed before it returns. */
@FunctionalInterface
public interface Work {
  /** Calls, and says how many bytes the results took, gradients among them. */
  long call();

  /** Calls some times. */
  default void repeat(int times) {
    for (int i = 0; i < times; i++) {
      call();
    }
  }
}
