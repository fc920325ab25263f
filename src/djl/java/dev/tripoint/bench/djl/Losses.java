package dev.tripoint.bench.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;
import ai.djl.training.loss.Loss;

/**
 * The losses. Mining runs without gradient and in place, and the loss of what it found is computed
 * anew from the rows, which takes half the time that a gradient through the whole matrix takes.
 */
final class Losses {
  static final double MARGIN = 1;
  static final double TEMPERATURE = 0.07;
  static final double SCALE = 20;

  private static final int[] ROW = {1};

  /** The root's slope is infinite at 0, so rows that are nearer have no gradient. */
  private static final double LEAST_SQUARE = 1e-24;

  private Losses() {}

  /** Batch-hard on Euclidean distances. */
  static NDArray batchHardL2(NDList rows, NDArray labels) {
    NDArray x = rows.singletonOrThrow();
    NDArray squares = squares(x.stopGradient());
    NDArray same = same(labels);
    NDArray positive = hardestPositive(squares, same);
    squares.set(same, Float.POSITIVE_INFINITY);
    NDArray negative = squares.argMin(1);
    return hinge(distance(x, x.get(positive)), distance(x, x.get(negative)));
  }

  /** Batch-hard on 1 − cosine; the two ones cancel out. */
  static NDArray batchHardCosine(NDList rows, NDArray labels) {
    NDArray x = rows.singletonOrThrow().normalize(2, 1);
    NDArray fixed = x.stopGradient();
    NDArray similarities = fixed.matMul(fixed.transpose());
    NDArray same = same(labels);
    similarities.negi();
    NDArray positive = hardestPositive(similarities, same);
    similarities.set(same, Float.POSITIVE_INFINITY);
    NDArray negative = similarities.argMin(1);
    return hinge(product(x, x.get(positive)).neg(), product(x, x.get(negative)).neg());
  }

  /** The easiest positive of each row with the nearest negative beyond it. */
  static NDArray semihardL2(NDList rows, NDArray labels) {
    NDArray x = rows.singletonOrThrow();
    NDArray squares = squares(x.stopGradient());
    NDArray same = same(labels);
    NDArray infinity = x.getManager().create(Float.POSITIVE_INFINITY);
    NDArray easiest;
    NDArray positive;
    try (NDArray positives = NDArrays.where(same, squares, infinity)) {
      positives.diagonal().addi(Float.POSITIVE_INFINITY);
      easiest = positives.min(ROW, true);
      positive = positives.argMin(1);
    }
    squares.set(same, Float.POSITIVE_INFINITY);
    squares.set(squares.lte(easiest), Float.POSITIVE_INFINITY);
    NDArray negative = squares.argMin(1);
    NDArray nearest = squares.min(ROW, true);
    NDArray admitted = easiest.lt(infinity).logicalAnd(nearest.lt(infinity)).squeeze(1);
    NDArray anchors = admitted.nonzero().squeeze(1);
    NDArray a = x.get(anchors);
    return hinge(
        distance(a, x.get(positive.get(anchors))), distance(a, x.get(negative.get(anchors))));
  }

  /** The softmax of each positive pair among the negatives of its row. */
  static NDArray ntXent(NDList rows, NDArray labels) {
    NDArray x = rows.singletonOrThrow().normalize(2, 1);
    NDArray warm = x.div(TEMPERATURE);
    NDArray similarities = warm.matMul(x.transpose());
    NDArray same = same(labels);
    NDArray pairs = pairs(same);
    similarities.set(same, Float.NEGATIVE_INFINITY);
    // Cosines over the temperature are 15 at most, so that powers need no shift.
    NDArray negatives = similarities.exp().sum(ROW).log();
    NDArray anchors = pairs.get(":, 0");
    NDArray own = product(warm.get(anchors), x.get(pairs.get(":, 1")));
    return Activation.softPlus(negatives.get(anchors).sub(own)).mean();
  }

  /** Cross entropy of each query's own document among all. */
  static NDArray multipleNegatives(NDList rows, NDArray labels) {
    NDArray queries = rows.get(0).normalize(2, 1).mul(SCALE);
    NDArray scores = queries.matMul(rows.get(1).normalize(2, 1).transpose());
    NDArray own = scores.getManager().arange((int) scores.getShape().get(0));
    return Loss.softmaxCrossEntropyLoss().evaluate(new NDList(own), new NDList(scores));
  }

  private static NDArray same(NDArray labels) {
    return labels.expandDims(1).eq(labels.expandDims(0));
  }

  /** Anchor and positive of each pair. */
  private static NDArray pairs(NDArray same) {
    NDArray all = same.nonzero();
    return all.get(all.get(":, 0").neq(all.get(":, 1")));
  }

  private static NDArray squares(NDArray x) {
    NDArray lengths = x.square().sum(ROW, true);
    return x.matMul(x.transpose()).muli(-2).addi(lengths).addi(lengths.transpose());
  }

  private static NDArray hardestPositive(NDArray distances, NDArray same) {
    NDArray none = distances.getManager().create(Float.NEGATIVE_INFINITY);
    try (NDArray positives = NDArrays.where(same, distances, none)) {
      return positives.argMax(1);
    }
  }

  private static NDArray product(NDArray x, NDArray y) {
    return x.mul(y).sum(ROW);
  }

  private static NDArray distance(NDArray x, NDArray y) {
    return x.sub(y).square().sum(ROW).maximum(LEAST_SQUARE).sqrt();
  }

  private static NDArray hinge(NDArray positive, NDArray negative) {
    return Activation.relu(positive.sub(negative).add(MARGIN)).mean();
  }
}
