package dev.tripoint.verify;

/** A reference that could not be asked, or that failed; the message is one sentence. */
public final class VerifyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With a sentence for the user. */
  public VerifyException(String message) {
    super(message);
  }
}
