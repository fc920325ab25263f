package dev.tripoint.train;

import dev.tripoint.data.ArrayFiles;
import dev.tripoint.data.DataException;
import dev.tripoint.data.Digits;
import dev.tripoint.data.LabelledArrays;
import dev.tripoint.data.Split;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The data of a run, split and with their scaling. The scaling comes from the training half alone.
 *
 * @param name for people
 * @param training rows to train on
 * @param heldBack all other rows
 * @param heldBackRows their places in the data
 * @param imageSide as in {@link dev.tripoint.eval.RunRecord}
 */
record TrainingData(
    String name,
    LabelledArrays training,
    LabelledArrays heldBack,
    int[] heldBackRows,
    FeatureScale scale,
    Augmentation augmentation,
    int imageSide) {
  private static final double SHIFT_SHARE = 0.5;
  private static final double NOISE = 0.1;

  /** The digits, or the files if both are named. */
  static TrainingData of(@Nullable String features, @Nullable String labels) {
    if (features == null || labels == null) {
      LabelledArrays all = Digits.load();
      LabelledArrays training = all.select(Digits.split().training());
      float brightest = 0;
      for (float[] row : training.features()) {
        for (float pixel : row) {
          brightest = Math.max(brightest, pixel);
        }
      }
      return new TrainingData(
          "1,797 handwritten digits of 8 × 8 pixels (UCI optdigits)",
          training,
          all.select(Digits.split().heldBack()),
          Digits.split().heldBack(),
          FeatureScale.dividing(all.width(), brightest),
          new Augmentation(Digits.SIDE, SHIFT_SHARE, NOISE),
          Digits.SIDE);
    }
    LabelledArrays all = read(features, labels);
    Split split = Split.alternating(all.labels());
    LabelledArrays training = all.select(split.training());
    LabelledArrays heldBack = all.select(split.heldBack());
    checkClasses(labels, training, heldBack);
    return new TrainingData(
        features,
        training,
        heldBack,
        split.heldBack(),
        FeatureScale.standardising(training.features()),
        new Augmentation(0, 0, NOISE),
        0);
  }

  private static LabelledArrays read(String features, String labels) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor x = ArrayFiles.read(features);
      Tensor y = ArrayFiles.read(labels);
      if (x.dim() != 2 || x.size(0) == 0 || x.size(1) == 0) {
        throw new DataException(
            "%s: the shape %s, expected [rows, columns] with at least one of each."
                .formatted(features, Arrays.toString(x.sizes())));
      }
      if (y.dim() != 1 || y.size(0) != x.size(0)) {
        throw new DataException(
            "%s: the shape %s, expected [%d], one label for each row of %s."
                .formatted(labels, Arrays.toString(y.sizes()), x.size(0), features));
      }
      if (!y.dtype().isIntegral()) {
        throw new DataException(
            "%s: the type %s, expected integer labels.".formatted(labels, y.dtype().torchName()));
      }
      return new LabelledArrays(rows(features, x.to(DType.FLOAT32)), y.toLongArray());
    }
  }

  private static float[][] rows(String file, Tensor x) {
    int width = Math.toIntExact(x.size(1));
    float[][] rows = new float[Math.toIntExact(x.size(0))][];
    // A row at a time: the whole of a large file need not fit in one Java array.
    for (int i = 0; i < rows.length; i++) {
      try (TensorScope _ = TensorScope.open()) {
        rows[i] = x.select(0, i).toFloatArray();
      }
      for (int k = 0; k < width; k++) {
        if (!Float.isFinite(rows[i][k])) {
          throw new DataException(
              "%s: row %d holds %s, expected finite numbers.".formatted(file, i, rows[i][k]));
        }
      }
    }
    return rows;
  }

  private static void checkClasses(String file, LabelledArrays training, LabelledArrays heldBack) {
    if (Arrays.stream(training.labels()).distinct().count() < 2) {
      throw new DataException(file + ": one class only, expected at least two.");
    }
    Map<Long, Integer> counts = new HashMap<>();
    for (long label : heldBack.labels()) {
      counts.merge(label, 1, Integer::sum);
    }
    if (counts.values().stream().noneMatch(count -> count > 1)) {
      throw new DataException(
          file
              + ": no class has four rows or more, so that two would be held back to measure with.");
    }
  }
}
