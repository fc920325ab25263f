package dev.tripoint.bench.side;

/** Told before each step, so that one that takes too long is known by the silence after it. */
interface Progress {
  /** A call of the case comes next. */
  void call();

  /** Something else comes next. */
  void other();
}
