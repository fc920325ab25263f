package dev.tripoint.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tripoint.catalog.Arguments;
import dev.tripoint.catalog.Parameter;
import dev.tripoint.catalog.Range;
import dev.tripoint.corpus.CorpusMiner;
import dev.tripoint.corpus.MiningOptions;
import dev.tripoint.tensor.TensorScope;
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

/** The part of {@code tripoint mine} that looks through a corpus. */
final class CorpusMining {
  private static final Range COUNTS = Range.between(1, Integer.MAX_VALUE);
  private static final MiningOptions DEFAULT = MiningOptions.DEFAULT;

  /** As sentence-transformers has them. */
  static final List<Parameter> PARAMETERS =
      List.of(
          Parameter.integer(
              "range_min",
              DEFAULT.rangeMin(),
              Range.between(0, Integer.MAX_VALUE),
              "how many of the nearest survivors are passed over"),
          Parameter.integerOr(
              "range_max",
              "auto",
              COUNTS,
              "how many candidates are looked at beside the positives"),
          Parameter.integer(
              "num_negatives", DEFAULT.numNegatives(), COUNTS, "negatives for each query, at most"),
          Parameter.optionalReal(
              "max_score", Range.FINITE, "candidates more similar than this are dropped"),
          Parameter.optionalReal(
              "min_score", Range.FINITE, "candidates less similar than this are dropped"),
          Parameter.optionalReal(
              "absolute_margin",
              Range.FINITE,
              "candidates with score + margin above the least similar positive's are dropped"),
          Parameter.optionalReal(
              "relative_margin",
              Range.FINITE,
              "candidates with a score above s - |s| margin are dropped, s the least similar positive's"),
          Parameter.choice("sampling_strategy", List.of("top", "random"), "which survivors"),
          Parameter.integer(
              "seed", 0, Range.between(0, Long.MAX_VALUE), "decides what random takes"));

  private final MiningOptions options;

  CorpusMining(List<String> parameters) {
    Arguments given = Arguments.parse("mine", PARAMETERS, parameters);
    String range = given.text("range_max");
    this.options =
        new MiningOptions(
            (int) given.integer("range_min"),
            range.equals("auto") ? null : (Integer) Integer.parseInt(range),
            (int) given.integer("num_negatives"),
            given.realOrNull("max_score"),
            given.realOrNull("min_score"),
            given.realOrNull("absolute_margin"),
            given.realOrNull("relative_margin"),
            given.text("sampling_strategy").equals("random"),
            given.integer("seed"));
  }

  /** For each query its negatives. */
  List<long[]> mine(String queries, String corpus, String positives) {
    try (TensorScope _ = TensorScope.open()) {
      Input wanted = Input.matrix("--queries", queries, "queries");
      Input rows = Input.matrixLike(wanted, "--corpus", corpus, "the corpus");
      rows.requireSameWidth(wanted);
      List<long[]> known = read(positives, wanted, rows);
      return new CorpusMiner(options).mine(wanted.tensor(), rows.tensor(), known);
    }
  }

  private static List<long[]> read(String file, Input queries, Input corpus) {
    List<String> lines = lines(file);
    long count = queries.tensor().size(0);
    if (lines.size() != count) {
      throw new UsageException(
          "%s has %d lines, but %s has %d queries; there must be one line for each query",
          file, lines.size(), queries.file(), count);
    }
    List<long[]> positives = new ArrayList<>();
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
      positives.add(rows);
    }
    return positives;
  }

  private static List<String> lines(String file) {
    try {
      List<String> lines =
          new ArrayList<>(Files.readAllLines(Path.of(file), StandardCharsets.UTF_8));
      while (!lines.isEmpty() && lines.getLast().isBlank()) {
        lines.removeLast();
      }
      return lines;
    } catch (NoSuchFileException | InvalidPathException e) {
      throw new UsageException("%s: no such file (--positives)", file);
    } catch (CharacterCodingException e) {
      throw new UsageException("%s: is no text in UTF-8 (--positives)", file);
    } catch (IOException e) {
      throw new UsageException("%s: cannot be read (--positives)", file);
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
