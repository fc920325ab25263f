package dev.tripoint.cli;

import dev.tripoint.catalog.PartException;
import dev.tripoint.data.DataException;
import dev.tripoint.tensor.LibTorchException;
import dev.tripoint.tensor.TensorException;
import dev.tripoint.verify.VerifyException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Turns whatever went wrong into one sentence and an exit status. */
final class Errors {
  private static final int LONGEST = 380;
  private static final int LONGEST_VALUE = 120;

  private Errors() {}

  /** Prints the sentence, and with {@code --debug} where it came from. */
  static int report(Throwable error, String[] args, PrintStream err) {
    err.println("tripoint: " + sentence(error, args));
    if (Arrays.asList(args).contains("--debug")) {
      error.printStackTrace(err);
    }
    err.flush();
    return status(error);
  }

  private static int status(Throwable error) {
    return error instanceof UsageException
            || error instanceof PartException
            || error instanceof DataException
            || error instanceof IllegalArgumentException
        ? 2
        : 1;
  }

  private static String sentence(Throwable error, String[] args) {
    String text =
        switch (error) {
          case UsageException e -> e.getMessage();
          case FailureException e -> e.getMessage();
          case PartException e -> e.getMessage();
          case DataException e -> e.getMessage();
          case VerifyException e -> e.getMessage();
          case TensorException e -> e.getMessage();
          case LibTorchException e -> e.getMessage();
          case IllegalArgumentException e when e.getMessage() != null -> e.getMessage();
          case OutOfMemoryError _ ->
              "the Java heap is too small for this; give it more, as TRIPOINT_JAVA_OPTS=-Xmx8g does";
          case IOException e -> "the answer could not be written: " + plain(e);
          case UnsatisfiedLinkError e -> plain(e);
          case ExceptionInInitializerError e when e.getCause() != null ->
              sentence(e.getCause(), args);
          default -> "a fault of this program: " + plain(error) + "; --debug shows where";
        };
    return clip(text, args);
  }

  private static String plain(Throwable error) {
    String message = error.getMessage();
    return message == null ? error.getClass().getSimpleName() : message;
  }

  /** One line of bearable length, in which very long values of the user's are cut in the middle. */
  static String clip(@Nullable String text, String... args) {
    String line = text == null || text.isBlank() ? "no reason was given" : text;
    for (String arg : args) {
      if (arg.length() > LONGEST_VALUE) {
        line = line.replace(arg, shorten(arg));
        int equals = arg.indexOf('=');
        if (equals > 0 && arg.length() - equals > LONGEST_VALUE) {
          String value = arg.substring(equals + 1);
          line = line.replace(value, shorten(value));
        }
      }
    }
    line = line.replaceAll("\\p{Cntrl}+", " ").strip();
    line = line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST - 1) + "…";
  }

  private static String shorten(String value) {
    return value.substring(0, 30) + "…" + value.substring(value.length() - 60);
  }
}
