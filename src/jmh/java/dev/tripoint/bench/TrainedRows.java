package dev.tripoint.bench;

import dev.tripoint.data.Digits;
import dev.tripoint.data.LabelledArrays;
import dev.tripoint.data.Safetensors;
import dev.tripoint.nn.Functional;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * Embeddings of a model that {@code tripoint train} made, 64 wide and of length 1: of the 1,797
 * digits, each also moved by one pixel in eight directions as training moves them, 16,173 rows of
 * ten classes in all.
 */
final class TrainedRows {
  private static final int MOVES = 3;
  private static final float BRIGHTEST = 16;
  private static final int QUERIES = 1024;

  private TrainedRows() {}

  /** So many rows drawn without repetition, and queries out of the same rows. */
  static BenchmarkData.Rows of(Path model, int rows, long seed) {
    LabelledArrays digits = Digits.load();
    int all = digits.rows() * MOVES * MOVES;
    if (rows > all) {
      throw new IllegalArgumentException(
          "the trained model has %d rows, and %d were asked for".formatted(all, rows));
    }
    int[] order = new Random(seed).ints(0, all).distinct().limit(Math.max(rows, QUERIES)).toArray();
    float[][] pictures = new float[order.length][];
    long[] labels = new long[rows];
    for (int i = 0; i < order.length; i++) {
      int move = order[i] % (MOVES * MOVES);
      int digit = order[i] / (MOVES * MOVES);
      pictures[i] = moved(digits.features()[digit], move / MOVES - 1, move % MOVES - 1);
      if (i < rows) {
        labels[i] = digits.labels()[digit];
      }
    }
    float[][] embeddings = embed(model, pictures);
    return new BenchmarkData.Rows(
        Arrays.copyOf(embeddings, rows),
        labels,
        Arrays.copyOfRange(embeddings, embeddings.length - QUERIES, embeddings.length));
  }

  private static float[] moved(float[] picture, int dy, int dx) {
    float[] moved = new float[picture.length];
    for (int y = Math.max(0, -dy); y < Math.min(Digits.SIDE, Digits.SIDE - dy); y++) {
      for (int x = Math.max(0, -dx); x < Math.min(Digits.SIDE, Digits.SIDE - dx); x++) {
        moved[y * Digits.SIDE + x] = picture[(y + dy) * Digits.SIDE + x + dx] / BRIGHTEST;
      }
    }
    return moved;
  }

  private static float[][] embed(Path model, float[][] pictures) {
    float[][] embeddings = new float[pictures.length][];
    try (TensorScope _ = TensorScope.open()) {
      Layer[] layers = {Layer.read(model, 0), Layer.read(model, 2), Layer.read(model, 4)};
      for (int i = 0; i < pictures.length; i++) {
        try (TensorScope _ = TensorScope.open()) {
          Tensor hidden = Tensor.of(pictures[i], 1, pictures[i].length);
          hidden = layers[1].of(layers[0].of(hidden).relu()).relu();
          embeddings[i] = Functional.normalize(layers[2].of(hidden)).toFloatArray();
        }
      }
    }
    return embeddings;
  }

  private record Layer(Tensor weight, Tensor bias) {
    static Layer read(Path model, int place) {
      return new Layer(
          Safetensors.read(model, place + ".weight"), Safetensors.read(model, place + ".bias"));
    }

    Tensor of(Tensor rows) {
      return rows.mm(weight.t()).add(bias);
    }
  }
}
