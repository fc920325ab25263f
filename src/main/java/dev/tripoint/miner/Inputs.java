package dev.tripoint.miner;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The checks that miners and losses make of a batch; each failure is an IllegalArgumentException of
 * one sentence.
 */
public final class Inputs {

  private Inputs() {}

  /**
   * Checks a batch, and the references where there are any.
   *
   * @param embeddings floats, [N, D]
   * @param labels any integers, [N], or null where the caller does without
   * @param refEmb floats of the same dtype, [M, D], or null
   * @param refLabels any integers, [M], or null where the caller does without
   */
  public static void requireBatch(
      Tensor embeddings,
      @Nullable Tensor labels,
      @Nullable Tensor refEmb,
      @Nullable Tensor refLabels) {
    requireFloatMatrix("embeddings", embeddings);
    if (labels != null) {
      requireLabels("labels", labels, "embeddings", embeddings);
    }
    if (refEmb == null) {
      if (refLabels != null) {
        throw new IllegalArgumentException("refLabels were given without refEmb");
      }
      return;
    }
    if (!refEmb.equals(embeddings)) {
      requireFloatMatrix("refEmb", refEmb);
      if (refEmb.size(1) != embeddings.size(1)) {
        throw new IllegalArgumentException(
            "refEmb must have as many columns as embeddings, but has %d against %d"
                .formatted(refEmb.size(1), embeddings.size(1)));
      }
      if (refEmb.dtype() != embeddings.dtype()) {
        throw new IllegalArgumentException(
            "refEmb must have the dtype of embeddings, but is %s against %s"
                .formatted(refEmb.dtype().torchName(), embeddings.dtype().torchName()));
      }
    }
    if (refLabels != null && !refLabels.equals(labels)) {
      requireLabels("refLabels", refLabels, "refEmb", refEmb);
    }
  }

  /**
   * Checks a batch against the relation of its rows, and gives the relation that holds: where there
   * are references, no diagonal is left out of its masks.
   *
   * @param embeddings floats, [N, D]
   * @param relation of N rows and M references
   * @param refEmb floats of the same dtype, [M, D], or null
   */
  public static Relation requireBatch(
      Tensor embeddings, Relation relation, @Nullable Tensor refEmb) {
    if (relation instanceof Relation.Labels by) {
      requireBatch(embeddings, by.labels(), refEmb, by.refLabels());
      if (refEmb != null && by.refLabels() == null) {
        throw new IllegalArgumentException("refEmb was given without refLabels");
      }
      return relation;
    }
    requireBatch(embeddings, null, refEmb, null);
    Tensor ref = refEmb == null ? embeddings : refEmb;
    if (relation.rows() != embeddings.size(0) || relation.columns() != ref.size(0)) {
      throw new IllegalArgumentException(
          "the mask of positives must be of shape [%d, %d], a row for each embedding and a column for each reference, but is [%d, %d]"
              .formatted(embeddings.size(0), ref.size(0), relation.rows(), relation.columns()));
    }
    return ref.equals(embeddings) ? relation : relation.toReferences();
  }

  /** Checks that a setting is a number. */
  public static void requireNumber(String name, double value) {
    if (Double.isNaN(value)) {
      throw new IllegalArgumentException(name + " must be a number, but is NaN");
    }
  }

  /** Checks that a tensor is floats of two dimensions. */
  public static void requireFloatMatrix(String name, Tensor t) {
    if (t.dim() != 2 || !t.dtype().isFloatingPoint()) {
      throw new IllegalArgumentException(
          "%s must be floats of two dimensions, but is %s of shape %s"
              .formatted(name, t.dtype().torchName(), Arrays.toString(t.sizes())));
    }
  }

  /** Checks that a tensor is a bool mask of the shape of another. */
  public static void requireMask(String name, Tensor mask, String likeName, Tensor like) {
    if (mask.dtype() != DType.BOOL || !Arrays.equals(mask.sizes(), like.sizes())) {
      throw new IllegalArgumentException(
          "%s must be bool of the shape %s of %s, but is %s of shape %s"
              .formatted(
                  name,
                  Arrays.toString(like.sizes()),
                  likeName,
                  mask.dtype().torchName(),
                  Arrays.toString(mask.sizes())));
    }
  }

  /** Checks that a tensor is sets of the same labels as another. */
  static void requireLabelSets(String name, Tensor sets, Tensor like) {
    if (sets.dim() != 2
        || sets.dtype() != DType.BOOL
        || like.dim() != 2
        || sets.size(1) != like.size(1)) {
      throw new IllegalArgumentException(
          "%s must be bool with a row for each item and a column for each label, but is %s of shape %s"
              .formatted(name, sets.dtype().torchName(), Arrays.toString(sets.sizes())));
    }
  }

  /** Checks that a distance is the one that its user's formula stands on. */
  static void requireStandardDistance(String who, Distance distance) {
    if (!distance.equals(new LpDistance())) {
      throw new IllegalArgumentException(
          who + " needs LpDistance with p 2, power 1 and normalized embeddings");
    }
  }

  /** Checks that a tensor is integers of one dimension. */
  static void requireLabels(String name, Tensor labels) {
    if (labels.dim() != 1 || !(labels.dtype().isIntegral() || labels.dtype() == DType.BOOL)) {
      throw new IllegalArgumentException(
          "%s must be integers of one dimension, but is %s of shape %s"
              .formatted(name, labels.dtype().torchName(), Arrays.toString(labels.sizes())));
    }
  }

  private static void requireLabels(String name, Tensor labels, String rowsName, Tensor rows) {
    requireLabels(name, labels);
    if (labels.size(0) != rows.size(0)) {
      throw new IllegalArgumentException(
          "%s must have one entry for each row of %s, but has %d for %d rows"
              .formatted(name, rowsName, labels.size(0), rows.size(0)));
    }
  }
}
