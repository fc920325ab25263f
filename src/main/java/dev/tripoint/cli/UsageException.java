package dev.tripoint.cli;

/** Wrong usage or bad input: the command line ends with status 2 and this sentence. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UsageException(String message) {
    super(message);
  }

  UsageException(String format, Object... values) {
    super(format.formatted(values));
  }
}
