package dev.tripoint.tensor;

/**
 * LibTorch or the native library refused a call. The message is LibTorch's own text without its
 * back trace.
 */
public class TensorException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Makes the exception.
   *
   * @param message what was refused and why
   */
  public TensorException(String message) {
    super(message);
  }
}
