package dev.tripoint.bench;

import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.TensorScope;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The Java side of {@code scripts/benchmark}: reads a {@link Cell} a line, measures it and answers,
 * until the input ends. Arguments: the folder of the data, the rounds, the threads.
 */
final class JavaSide {
  private static final int MEMORY_CALLS = 3;

  private final Path data;
  private final int rounds;
  private final Answers answers;

  private JavaSide(Path data, int rounds, Answers answers) {
    this.data = data;
    this.rounds = rounds;
    this.answers = answers;
  }

  public static void main(String[] arguments) throws IOException {
    LibTorch.setNumThreads(Integer.parseInt(arguments[2]));
    JavaSide side =
        new JavaSide(
            Path.of(arguments[0]), Integer.parseInt(arguments[1]), new Answers(System.out));
    side.answers.ready(LibTorch.info());
    var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      side.answer(line);
    }
  }

  private void answer(String line) {
    try (TensorScope _ = TensorScope.open()) {
      answers.other();
      Cell cell = Cell.parse(line);
      Case.Prepared prepared = Case.of(cell.name()).prepare(new Inputs(data, cell));
      System.gc(); // the garbage of the cell before is not this one's
      Work work = prepared.work();
      Rounds times = Rounds.alternate(work, prepared.held().work(), rounds, answers);
      boolean slow = times.ms().length < MEMORY_CALLS || times.ms()[0] > Rounds.SLOW_MS;
      double peak = PeakMemory.riseMib(work, slow ? 1 : MEMORY_CALLS, answers);
      answers.measured(times, prepared.held().name(), peak);
    } catch (RuntimeException | OutOfMemoryError e) {
      answers.failed(e);
    }
  }
}
