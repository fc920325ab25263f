package dev.tripoint.catalog;

/**
 * A name, a parameter or a combination that the catalogue refuses. Its message is one sentence for
 * the user.
 */
public final class PartException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** With the sentence that a user reads. */
  public PartException(String message) {
    super(message);
  }
}
