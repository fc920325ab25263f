package dev.tripoint.bench.side;

/**
 * What is measured, and on which data: one line {@code CASE DATA N D} of a request.
 *
 * @param name the case, as {@code scripts/bench/plan.py} has it
 * @param data {@code normal}, {@code clustered} or {@code trained}
 * @param rows N
 * @param width D
 */
public record Cell(String name, String data, int rows, int width) {

  public static Cell parse(String line) {
    String[] words = line.strip().split(" ", -1);
    if (words.length != 4) {
      throw new IllegalArgumentException("\"" + line + "\" is not of the form CASE DATA N D");
    }
    return new Cell(words[0], words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3]));
  }
}
