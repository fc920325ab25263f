package dev.tripoint.train;

/**
 * A run cannot go on: data that cannot be trained on, or a loss that stopped being a number. The
 * message is one sentence.
 */
public final class TrainingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** One sentence for the person who started the run. */
  public TrainingException(String message) {
    super(message);
  }
}
