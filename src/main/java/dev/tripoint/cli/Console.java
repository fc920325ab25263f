package dev.tripoint.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Where a command writes: its answer to {@link #out}, all else to {@link #err}. A reader that goes
 * away early (a closed pipe) ends the answer silently.
 */
final class Console {
  private final OutputStream out;
  private final PrintStream err;

  Console(OutputStream out, PrintStream err) {
    this.out = new BufferedOutputStream(new PipeStream(out), 1 << 16);
    this.err = err;
  }

  /** For the answer, in UTF-8. */
  OutputStream out() {
    return out;
  }

  /** For progress, warnings and errors. */
  PrintStream err() {
    return err;
  }

  /** Writes text to the answer. */
  void print(String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Writes a line to the answer. */
  void println(String line) throws IOException {
    print(line);
    out.write('\n');
  }

  /** Hands over what is buffered. */
  void flush() throws IOException {
    out.flush();
  }

  /** Drops what is written after the reader has gone. */
  private static final class PipeStream extends OutputStream {
    private final OutputStream target;
    private boolean gone;

    PipeStream(OutputStream target) {
      this.target = target;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      if (gone) {
        return;
      }
      try {
        target.write(bytes, from, length);
      } catch (IOException e) {
        String why = e.getMessage();
        if (why == null || !(why.contains("Broken pipe") || why.contains("EPIPE"))) {
          throw e;
        }
        gone = true;
      }
    }

    @Override
    public void flush() throws IOException {
      if (!gone) {
        target.flush();
      }
    }
  }
}
