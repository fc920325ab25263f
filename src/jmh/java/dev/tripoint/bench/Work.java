package dev.tripoint.bench;

/** One call of what is measured. What it makes is freed before it returns. */
@FunctionalInterface
interface Work {
  /** Calls, and says how many bytes the results took, gradients among them. */
  long call();
}
