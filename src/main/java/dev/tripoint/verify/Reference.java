package dev.tripoint.verify;

import java.io.IOException;

/** Whom to compare with. */
@FunctionalInterface
public interface Reference {

  /**
   * Answers.
   *
   * @throws VerifyException if it cannot, with the reason in one sentence
   * @throws IOException if files on the way to it cannot be written or read
   */
  Answer answer(Question question) throws IOException;
}
