package dev.tripoint.bench;

import dev.tripoint.data.Npy;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Writes the data of {@code scripts/benchmark} as npy files, the same for all sides: {@code
 * BenchmarkData FOLDER MODEL SET…}, a set being {@code DATA-N-D} and the model that of {@link
 * TrainedRows}.
 *
 * <p>{@code normal}: standard normal rows, eight a class, shuffled. {@code clustered}: rows of 40
 * topics that are standard normal themselves, each row its topic plus noise of deviation 0.5; eight
 * a class, a class within a topic.
 */
final class BenchmarkData {
  private static final long SEED = 6;
  private static final int CLASS_ROWS = 8;
  private static final int TOPICS = 40;
  private static final float SPREAD = 0.5f;
  private static final int QUERIES = 1024;

  private final int rows;
  private final int width;
  private final RandomGenerator random;

  private BenchmarkData(int rows, int width) {
    this.rows = rows;
    this.width = width;
    random = RandomGeneratorFactory.of("L64X128MixRandom").create(SEED + rows + width);
  }

  public static void main(String[] arguments) {
    Path folder = Path.of(arguments[0]);
    Path model = Path.of(arguments[1]);
    for (String set : Arrays.asList(arguments).subList(2, arguments.length)) {
      String[] words = set.split("-", -1);
      int rows = Integer.parseInt(words[1]);
      int width = Integer.parseInt(words[2]);
      Rows made =
          switch (words[0]) {
            case "normal" -> new BenchmarkData(rows, width).normal();
            case "clustered" -> new BenchmarkData(rows, width).clustered();
            case "trained" -> TrainedRows.of(model, rows, SEED);
            default -> throw new IllegalArgumentException("there is no data " + words[0]);
          };
      made.write(folder, set);
    }
  }

  /**
   * A set.
   *
   * @param queries [Q][D], drawn as the embeddings were
   */
  record Rows(float[][] embeddings, long[] labels, float[][] queries) {
    void write(Path folder, String set) {
      write(folder.resolve(set + "-embeddings.npy"), embeddings);
      write(folder.resolve(set + "-positives.npy"), positives());
      write(folder.resolve(set + "-queries.npy"), queries);
      try (TensorScope _ = TensorScope.open()) {
        Npy.write(folder.resolve(set + "-labels.npy"), Tensor.of(labels, labels.length));
      }
    }

    /** For each row the one before it of its class, for the first the last. */
    private float[][] positives() {
      Map<Long, Integer> last = new HashMap<>();
      for (int i = 0; i < labels.length; i++) {
        last.put(labels[i], i);
      }
      float[][] positives = new float[labels.length][];
      for (int i = 0; i < labels.length; i++) {
        positives[i] = embeddings[last.put(labels[i], i)];
      }
      return positives;
    }

    private static void write(Path file, float[][] rows) {
      int width = rows[0].length;
      float[] values = new float[rows.length * width];
      for (int i = 0; i < rows.length; i++) {
        System.arraycopy(rows[i], 0, values, i * width, width);
      }
      try (TensorScope _ = TensorScope.open()) {
        Npy.write(file, Tensor.of(values, rows.length, width));
      }
    }
  }

  private Rows normal() {
    long[] labels = classes();
    return new Rows(gaussian(rows), labels, gaussian(QUERIES));
  }

  private Rows clustered() {
    float[][] topics = gaussian(TOPICS);
    long[] labels = classes();
    float[][] embeddings = gaussian(rows);
    for (int i = 0; i < rows; i++) {
      near(topics[(int) (labels[i] % TOPICS)], embeddings[i]);
    }
    float[][] queries = gaussian(QUERIES);
    for (float[] query : queries) {
      near(topics[random.nextInt(TOPICS)], query);
    }
    return new Rows(embeddings, labels, queries);
  }

  private static void near(float[] topic, float[] noise) {
    for (int k = 0; k < noise.length; k++) {
      noise[k] = topic[k] + SPREAD * noise[k];
    }
  }

  private long[] classes() {
    long[] labels = new long[rows];
    for (int i = 0; i < rows; i++) {
      int other = random.nextInt(i + 1);
      labels[i] = labels[other];
      labels[other] = i / CLASS_ROWS;
    }
    return labels;
  }

  private float[][] gaussian(int count) {
    float[][] values = new float[count][width];
    for (float[] row : values) {
      for (int k = 0; k < width; k++) {
        row[k] = (float) random.nextGaussian();
      }
    }
    return values;
  }
}
