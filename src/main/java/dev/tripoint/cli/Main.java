package dev.tripoint.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The entry of the command line. */
public final class Main {
  private Main() {}

  /** Runs a command and ends the process with its status. */
  public static void main(String[] args) {
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    System.exit(run(args, new FileOutputStream(FileDescriptor.out), err));
  }

  /**
   * Runs a command.
   *
   * @param args as typed after the program's name
   * @param out gets the answer; stays empty on an error
   * @param err gets progress, warnings, and on an error one sentence
   * @return 0 done, 2 wrong usage or bad input, 1 any other failure
   */
  public static int run(String[] args, OutputStream out, PrintStream err) {
    try {
      Console console = new Console(out, err);
      int status = dispatch(List.of(args), console);
      // Only now, so that what was begun before a failure stays unseen.
      console.flush();
      return status;
    } catch (Throwable e) {
      return Errors.report(e, args, err);
    }
  }

  private static int dispatch(List<String> args, Console console) throws IOException {
    // --debug may also stand before the command.
    List<String> rest = args;
    while (!rest.isEmpty() && rest.getFirst().equals("--debug")) {
      rest = rest.subList(1, rest.size());
    }
    if (rest.isEmpty()) {
      throw new UsageException(
          "which command? There are %s; `tripoint --help` says what they do",
          String.join(", ", CommandName.texts()));
    }
    List<String> tail = rest.subList(1, rest.size());
    switch (rest.getFirst()) {
      case "-h", "--help" -> {
        console.print(topHelp());
        return 0;
      }
      case "-V", "--version" -> {
        console.println("tripoint " + Version.TEXT);
        return 0;
      }
      case "help" -> {
        if (tail.isEmpty()) {
          console.print(topHelp());
          return 0;
        }
        return Parsing.run(CommandName.of(tail.getFirst()), List.of("--help"), console);
      }
      default -> {
        if (rest.getFirst().startsWith("-")) {
          throw new UsageException(
              "there is no option '%s' before a command; there are --help, --version and --debug",
              rest.getFirst());
        }
        return Parsing.run(CommandName.of(rest.getFirst()), tail, console);
      }
    }
  }

  private static String topHelp() {
    StringBuilder text =
        new StringBuilder(
            """
            Usage: tripoint COMMAND [OPTIONS]

            Metric learning on LibTorch: losses and miners with the numbers of their Python references.

            Commands:
            """);
    int width =
        Arrays.stream(CommandName.values()).mapToInt(c -> c.text().length()).max().orElse(0);
    for (CommandName command : CommandName.values()) {
      text.append("  ").append(command.text());
      text.repeat(' ', width - command.text().length() + 2);
      text.append(command.summary()).append('\n');
    }
    return text.append(
            """

            Options:
              -h, --help     Show this help; after a command, that command's.
              -V, --version  Show the version.
                  --debug    On an error, show where it came from.

            Example:
              tripoint train --out run
              tripoint loss online.batch_hard --embeddings E.npy --labels L.npy --param margin=0.3

            Exit status: 0 done, 2 wrong usage or bad input, 1 any other failure.
            """)
        .toString();
  }
}
