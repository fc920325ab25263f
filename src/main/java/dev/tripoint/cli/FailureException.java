package dev.tripoint.cli;

/** A failure that is not the user's: the command line ends with status 1 and this sentence. */
final class FailureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  FailureException(String message) {
    super(message);
  }
}
