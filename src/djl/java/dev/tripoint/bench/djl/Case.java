package dev.tripoint.bench.djl;

import ai.djl.ndarray.NDManager;
import dev.tripoint.bench.side.Prepared;

/** What is measured, those of {@code scripts/bench/plan.py} that DJL has. */
interface Case {
  /** Throws unless the numbers of a small batch are those of a plain computation. */
  void check(NDManager manager);

  /** Reads the data and makes what every call needs; it belongs to the manager of the data. */
  Prepared prepare(Inputs data, Product product);
}
