package dev.tripoint.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A command line run in this process, and what it wrote. */
record Run(int status, String out, String err) {
  static Run of(String... args) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int status = Main.run(args, out, new PrintStream(err, true, StandardCharsets.UTF_8));
    return new Run(
        status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Splits at blanks. */
  static Run line(String line) {
    return of(
        Arrays.stream(line.strip().split("\\s+", -1))
            .filter(s -> !s.isEmpty())
            .toArray(String[]::new));
  }

  /**
   * Whether it ended as the contract has errors: status 2, nothing on stdout, one bearable
   * sentence.
   */
  boolean isRefusal() {
    String message = err.strip();
    return status == 2
        && out.isEmpty()
        && !message.isEmpty()
        && message.length() <= 400
        && message.lines().count() <= 2
        && !message.matches("(?s).*(\\bjava\\.\\w+\\.|\\s+at \\S+\\(|Exception).*");
  }
}
