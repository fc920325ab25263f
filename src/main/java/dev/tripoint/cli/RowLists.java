package dev.tripoint.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads lines of JSON arrays: for each query some rows of a corpus. */
final class RowLists {
  private RowLists() {}

  /**
   * For each query the rows that its line names.
   *
   * @param option the option that named the file
   * @param queries as many as there are lines
   * @param corpus what the rows are of
   */
  static List<long[]> read(String option, String file, Input queries, Input corpus) {
    List<String> lines = lines(option, file);
    long count = queries.tensor().size(0);
    if (lines.size() != count) {
      throw new UsageException(
          "%s has %d lines, but %s has %d queries; there must be one line for each query",
          file, lines.size(), queries.file(), count);
    }
    List<long[]> lists = new ArrayList<>();
    JsonFactory factory = new JsonFactory();
    for (int i = 0; i < lines.size(); i++) {
      long[] rows = indices(factory, lines.get(i));
      if (rows == null) {
        throw new UsageException(
            "%s: line %d is not a JSON array of whole numbers, as [3, 14]", file, i + 1);
      }
      for (long row : rows) {
        if (row < 0 || row >= corpus.tensor().size(0)) {
          throw new UsageException(
              "%s: line %d names row %d, but %s has rows 0 to %d",
              file, i + 1, row, corpus.file(), corpus.tensor().size(0) - 1);
        }
      }
      lists.add(rows);
    }
    return lists;
  }

  private static List<String> lines(String option, String file) {
    try {
      List<String> lines =
          new ArrayList<>(Files.readAllLines(Path.of(file), StandardCharsets.UTF_8));
      while (!lines.isEmpty() && lines.getLast().isBlank()) {
        lines.removeLast();
      }
      return lines;
    } catch (NoSuchFileException | InvalidPathException e) {
      throw new UsageException("%s: no such file (%s)", file, option);
    } catch (CharacterCodingException e) {
      throw new UsageException("%s: is no text in UTF-8 (%s)", file, option);
    } catch (IOException e) {
      throw new UsageException("%s: cannot be read (%s)", file, option);
    }
  }

  private static long @Nullable [] indices(JsonFactory factory, String line) {
    List<Long> rows = new ArrayList<>();
    try (JsonParser parser = factory.createParser(line)) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        return null;
      }
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
          return null;
        }
        rows.add(parser.getLongValue());
      }
      return parser.nextToken() == null ? rows.stream().mapToLong(Long::longValue).toArray() : null;
    } catch (IOException e) {
      return null;
    }
  }
}
