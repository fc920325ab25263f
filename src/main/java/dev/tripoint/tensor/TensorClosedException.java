package dev.tripoint.tensor;

/** A tensor, or another native value, was used after it was closed, or closed twice. */
public class TensorClosedException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message what was closed and what was tried
   */
  public TensorClosedException(String message) {
    super(message);
  }
}
