package dev.tripoint.train;

import dev.tripoint.eval.EpochTrace;

/** Hears how a run goes, on the thread that runs it. */
public interface TrainingListener {
  /** Says nothing. */
  TrainingListener SILENT = new TrainingListener() {};

  /** Training begins. */
  default void started(int epochs) {}

  /** An epoch is over. */
  default void epoch(EpochTrace trace) {}

  /** Something that a person should know; one sentence, once. */
  default void warning(String message) {}

  /** Training is over, well or not; called once after {@link #started}. */
  default void stopped() {}
}
