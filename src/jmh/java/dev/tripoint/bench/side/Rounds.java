package dev.tripoint.bench.side;

/**
 * The times of a case and of what it is held against, which took turns.
 *
 * @param ms milliseconds a call, one for each round
 * @param heldMs those of the other, in the same rounds
 */
record Rounds(double[] ms, double[] heldMs) {
  private static final double NANOS = 1e6;

  /** Calls that take longer than this are not repeated for warmth, and make fewer rounds. */
  static final double SLOW_MS = 2_000;

  private static final int ROUNDS_OF_SLOW = 3;
  private static final double WARM_MS = 1_000;

  /** A round repeats short calls until it takes about so long. */
  private static final double ROUND_MS = 10;

  static Rounds alternate(Work work, Work held, int rounds, Progress progress) {
    double call = warm(work, progress::call);
    double other = warm(held, progress::other);
    int count = Math.max(call, other) > SLOW_MS ? Math.min(rounds, ROUNDS_OF_SLOW) : rounds;
    double[] ms = new double[count];
    double[] heldMs = new double[count];
    for (int i = 0; i < count; i++) {
      progress.call();
      ms[i] = time(work, repeats(call));
      progress.other();
      heldMs[i] = time(held, repeats(other));
    }
    return new Rounds(ms, heldMs);
  }

  /** Calls for a second or once, and says how long the last call took. */
  private static double warm(Work work, Runnable before) {
    double last;
    double sum = 0;
    do {
      before.run();
      last = time(work, 1);
      sum += last;
    } while (sum < WARM_MS);
    return last;
  }

  private static int repeats(double ms) {
    return (int) Math.clamp(Math.ceil(ROUND_MS / ms), 1, 10_000);
  }

  private static double time(Work work, int repeats) {
    long start = System.nanoTime();
    work.repeat(repeats);
    return (System.nanoTime() - start) / NANOS / repeats;
  }
}
