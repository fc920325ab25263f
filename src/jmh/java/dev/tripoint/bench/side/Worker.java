package dev.tripoint.bench.side;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.Consumer;

/** Reads a {@link Cell} a line, measures it and answers, until the input ends. */
public final class Worker {
  private static final int MEMORY_CALLS = 3;

  /** An implementation's cases. */
  @FunctionalInterface
  public interface Cases {
    /** Prepares a cell, hands it to {@code measure} once, and frees what was made for it. */
    void prepare(Cell cell, Consumer<Prepared> measure);
  }

  private final Cases cases;
  private final int rounds;
  private final Answers answers = new Answers(System.out);

  private Worker(Cases cases, int rounds) {
    this.cases = cases;
    this.rounds = rounds;
  }

  /**
   * Answers the requests of the standard input on the standard output.
   *
   * @param about what the side says of itself before: strings and numbers
   */
  public static void serve(Map<String, ?> about, Cases cases, int rounds) throws IOException {
    Worker worker = new Worker(cases, rounds);
    worker.answers.ready(about);
    var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      worker.answer(line);
    }
  }

  private void answer(String line) {
    try {
      answers.other();
      cases.prepare(Cell.parse(line), this::measure);
    } catch (RuntimeException | OutOfMemoryError e) {
      answers.failed(e);
    }
  }

  private void measure(Prepared prepared) {
    System.gc(); // the garbage of the cell before is not this one's
    Work work = prepared.work();
    Rounds times = Rounds.alternate(work, prepared.held().work(), rounds, answers);
    boolean slow = times.ms().length < MEMORY_CALLS || times.ms()[0] > Rounds.SLOW_MS;
    double peak = PeakMemory.riseMib(work, slow ? 1 : MEMORY_CALLS, answers);
    answers.measured(times, prepared.held().name(), peak);
  }
}
