package dev.tripoint.property;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.loss.LossGradient;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Arrays;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A loss on a sample. Each run makes the loss anew, so that none remembers an earlier batch, and
 * seeds all draws.
 *
 * @param specimen the loss
 * @param sample the batch
 * @param references whether the sample's references are given too
 * @param shift what is added to the weights that the loss begins with, or null
 */
record Trial(Specimen specimen, Sample sample, boolean references, double @Nullable [] shift) {

  Trial(Specimen specimen, Sample sample, boolean references) {
    this(specimen, sample, references, null);
  }

  Trial on(Sample other) {
    return new Trial(specimen, other, references, shift);
  }

  /** Moved along a direction of the gradients: embeddings, references, weights. */
  Trial moved(double[] direction, double step) {
    int rows = sample.size() * Sample.COLUMNS * (references ? 2 : 1);
    double[] rest = Arrays.stream(direction).skip(rows).map(x -> step * x).toArray();
    return new Trial(
        specimen,
        sample.moved(Arrays.copyOf(direction, rows), step),
        references,
        rest.length == 0 ? null : rest);
  }

  /** By labels, in float64. */
  Outcome outcome() {
    return outcome(DType.FLOAT64);
  }

  /** By labels. */
  Outcome outcome(DType dtype) {
    return outcome(dtype, each -> each.relation(references));
  }

  /** By the masks that the labels make, in float64. */
  Outcome byMasks() {
    return outcome(DType.FLOAT64, each -> each.masks(references, null));
  }

  private Outcome outcome(DType dtype, Function<Sample, Relation> relation) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor weights = weights(dtype);
      Tensor embeddings = sample.embeddings(dtype).requiresGrad(true);
      Tensor refEmb = references ? sample.references(dtype).requiresGrad(true) : null;
      Tensor value = value(embeddings, relation.apply(sample), refEmb, weights);
      if (value.requiresGrad()) {
        value.backward();
      }
      return new Outcome(
          value.to(DType.FLOAT64).item(),
          gradient(embeddings),
          refEmb == null ? new double[0] : gradient(refEmb),
          weights == null ? new double[0] : gradient(weights));
    }
  }

  /** By labels, the loss and its gradient by the embeddings in one call. */
  Outcome inOneCall(DType dtype) {
    return inOneCall(dtype, each -> each.relation(references));
  }

  /** The same by the masks that the labels make, in float64. */
  Outcome inOneCallByMasks() {
    return inOneCall(DType.FLOAT64, each -> each.masks(references, null));
  }

  private Outcome inOneCall(DType dtype, Function<Sample, Relation> relation) {
    try (TensorScope _ = TensorScope.open()) {
      Tensor embeddings = sample.embeddings(dtype);
      var loss = specimen.loss(weights(dtype));
      LibTorch.manualSeed(11);
      LossGradient found =
          loss.lossAndGradient(
              embeddings,
              relation.apply(sample),
              null,
              references ? sample.references(dtype) : null);
      assertThat(found.gradient().dtype()).as("%s", specimen).isEqualTo(dtype);
      assertThat(found.gradient().sizes()).as("%s", specimen).isEqualTo(embeddings.sizes());
      assertThat(found.loss().requiresGrad() || found.gradient().requiresGrad())
          .as("%s: a graph", specimen)
          .isFalse();
      return new Outcome(
          found.loss().to(DType.FLOAT64).item(),
          found.gradient().toDoubleArray(),
          new double[0],
          new double[0]);
    }
  }

  /** The loss alone, by labels in float64. */
  double value() {
    try (TensorScope _ = TensorScope.open()) {
      return value(
              sample.embeddings(DType.FLOAT64),
              sample.relation(references),
              references ? sample.references(DType.FLOAT64) : null,
              weights(DType.FLOAT64))
          .item();
    }
  }

  private Tensor value(
      Tensor embeddings, Relation relation, @Nullable Tensor refEmb, @Nullable Tensor weights) {
    var loss = specimen.loss(weights);
    LibTorch.manualSeed(11);
    Tensor value = loss.compute(embeddings, relation, null, refEmb).loss();
    assertThat(value.numel()).as("%s: one number", specimen).isEqualTo(1);
    return value;
  }

  private @Nullable Tensor weights(DType dtype) {
    Tensor first = specimen.weights();
    if (first == null) {
      return null;
    }
    Tensor moved =
        shift == null
            ? first.detach()
            : first.detach().to(DType.FLOAT64).add(Tensor.of(shift, first.sizes()));
    return moved.to(dtype).requiresGrad(true);
  }

  private static double[] gradient(Tensor leaf) {
    Tensor gradient = leaf.grad();
    return gradient == null ? new double[(int) leaf.numel()] : gradient.toDoubleArray();
  }
}
