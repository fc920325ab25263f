package dev.tripoint.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;

/**
 * The built-in data: 1,797 handwritten digits of 8 × 8 pixels (UCI, Optical Recognition of
 * Handwritten Digits, as in scikit-learn; licence and source in {@code digits-NOTICE.txt} beside
 * the file). Pixels run from 0 to 16, row by row.
 */
public final class Digits {
  /** Pixels along one side of an image. */
  public static final int SIDE = 8;

  private static final int ROWS = 1797;

  private Digits() {}

  /** All rows: features [1797][64], labels 0 to 9. */
  public static LabelledArrays load() {
    float[][] features = new float[ROWS][];
    long[] labels = new long[ROWS];
    try (InputStream packed = resource("digits.csv.gz");
        BufferedReader lines = reader(new GZIPInputStream(packed))) {
      for (int i = 0; i < ROWS; i++) {
        String[] cells = lines.readLine().split(",", -1);
        features[i] = new float[SIDE * SIDE];
        for (int k = 0; k < SIDE * SIDE; k++) {
          features[i][k] = Float.parseFloat(cells[k]);
        }
        labels[i] = Long.parseLong(cells[SIDE * SIDE]);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new LabelledArrays(features, labels);
  }

  /**
   * The committed split: a stratified half trains, the rest is held back; the same for every seed.
   */
  public static Split split() {
    List<Integer> training = new ArrayList<>();
    try (BufferedReader lines = reader(resource("digits-split.txt"))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("#")) {
          for (String row : line.split(" ", -1)) {
            training.add(Integer.parseInt(row));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Split.ofTraining(training.stream().mapToInt(Integer::intValue).toArray(), ROWS);
  }

  private static InputStream resource(String name) throws IOException {
    InputStream stream = Digits.class.getResourceAsStream(name);
    if (stream == null) {
      throw new IOException("the resource " + name + " is missing from the class path");
    }
    return stream;
  }

  private static BufferedReader reader(InputStream stream) {
    return new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
  }
}
