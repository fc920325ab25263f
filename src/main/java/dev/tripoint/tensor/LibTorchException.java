package dev.tripoint.tensor;

/**
 * LibTorch or Tripoint's native library is missing or cannot be used; the message says the way out.
 */
public class LibTorchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message one sentence: what is missing and how to get it
   */
  public LibTorchException(String message) {
    super(message);
  }
}
