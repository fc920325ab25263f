package dev.tripoint.train;

import dev.tripoint.data.LabelledArrays;
import dev.tripoint.nn.Linear;
import dev.tripoint.nn.Normalize;
import dev.tripoint.nn.ReLU;
import dev.tripoint.nn.Sequential;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;

/**
 * The network of a run, D → 512 → 256 → 64 with ReLU between and unit length at the end; float32.
 */
final class Network {
  static final int[] WIDTHS = {512, 256, 64};

  private static final int CHUNK = 1024;

  private final Sequential layers;
  private final FeatureScale scale;

  /** With first weights from the generator; they belong to the scope open here. */
  Network(int inputs, FeatureScale scale, Generator generator) {
    this.scale = scale;
    layers =
        new Sequential(
            new Linear(inputs, WIDTHS[0], true, generator, DType.FLOAT32),
            new ReLU(),
            new Linear(WIDTHS[0], WIDTHS[1], true, generator, DType.FLOAT32),
            new ReLU(),
            new Linear(WIDTHS[1], WIDTHS[2], true, generator, DType.FLOAT32),
            new Normalize());
  }

  Sequential layers() {
    return layers;
  }

  /** Embeddings of scaled features, [N, D] to [N, 64]. */
  Tensor forward(Tensor scaled) {
    return layers.forward(scaled);
  }

  /** Embeddings of rows as they came, without gradient. */
  float[][] embed(LabelledArrays rows) {
    int width = rows.width();
    float[][] out = new float[rows.rows()][];
    for (int from = 0; from < out.length; from += CHUNK) {
      int count = Math.min(CHUNK, out.length - from);
      float[] scaled = new float[count * width];
      for (int i = 0; i < count; i++) {
        scale.apply(rows.features()[from + i], scaled, i * width);
      }
      try (TensorScope _ = TensorScope.open();
          Autograd.Mode _ = Autograd.noGrad()) {
        float[] values = forward(Tensor.of(scaled, count, width)).toFloatArray();
        int size = values.length / count;
        for (int i = 0; i < count; i++) {
          out[from + i] = new float[size];
          System.arraycopy(values, i * size, out[from + i], 0, size);
        }
      }
    }
    return out;
  }
}
