package dev.tripoint.data;

/**
 * A file or folder is not what was asked for: missing, truncated, of another kind, unwritable. The
 * message is one sentence for the person who named the file; it names the file and says what was
 * expected and what was found.
 */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** One sentence that names the file, what was expected and what was found. */
  public DataException(String message) {
    super(message);
  }

  /** The same, with the failure underneath. */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
