package dev.tripoint.cli;

import java.io.IOException;
import picocli.CommandLine.Option;

/** A command: picocli fills its fields, then it runs. */
abstract class Command {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  boolean help;

  @Option(names = "--debug", description = "On an error, show where it came from.")
  boolean debug;

  /**
   * Does the work. Everything that can fail comes before the first byte of the answer.
   *
   * @return the exit status
   */
  abstract int run(Console console) throws IOException;
}
