package dev.tripoint.cli;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.Triplets;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Columns of indices of equal length, as an answer. */
final class TupleAnswer {
  private static final int MOST_ROWS = 20;

  private TupleAnswer() {}

  /** The indices of tuples, by the names that the answer has for them. */
  static Map<String, long[]> columns(IndexTuples tuples) {
    Map<String, long[]> columns = new LinkedHashMap<>();
    switch (tuples) {
      case Triplets(var anchor, var positive, var negative) -> {
        columns.put("anchor", anchor.toLongArray());
        columns.put("positive", positive.toLongArray());
        columns.put("negative", negative.toLongArray());
      }
      case Pairs(var anchorPositive, var positive, var anchorNegative, var negative) -> {
        columns.put("anchor_positive", anchorPositive.toLongArray());
        columns.put("positive", positive.toLongArray());
        columns.put("anchor_negative", anchorNegative.toLongArray());
        columns.put("negative", negative.toLongArray());
      }
    }
    return columns;
  }

  /** One array a column, as members of a JSON object. */
  static void members(Json json, Map<String, long[]> columns) throws IOException {
    for (Map.Entry<String, long[]> column : columns.entrySet()) {
      json.longs(column.getKey(), column.getValue());
    }
  }

  /** The first rows, for people. */
  static void print(Console console, Map<String, long[]> columns) throws IOException {
    int rows = columns.values().iterator().next().length;
    StringBuilder text = new StringBuilder();
    columns.keySet().forEach(name -> text.append(cell(name, name)));
    text.append('\n');
    for (int i = 0; i < Math.min(rows, MOST_ROWS); i++) {
      for (Map.Entry<String, long[]> column : columns.entrySet()) {
        text.append(cell(Long.toString(column.getValue()[i]), column.getKey()));
      }
      text.append('\n');
    }
    if (rows > MOST_ROWS) {
      text.append("… ").append(rows).append(" in all; --json gives them\n");
    }
    console.print(text.toString());
  }

  private static String cell(String text, String name) {
    int width = Math.max(name.length(), 9);
    return " ".repeat(Math.max(0, width - text.length())) + text + "  ";
  }
}
