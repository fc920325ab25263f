package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The large-margin softmax loss: {@code pml.LargeMarginSoftmaxLoss}. The angle θ to a row's own
 * class is multiplied by a whole margin m: in place of cos θ stands (−1)ᵏ cos mθ − 2k, where k is
 * how many times π/m fits into θ. Logits are the cosines times the norms of embedding and class.
 *
 * @param margin what angles are multiplied by; 4 by default
 * @param scale what logits are multiplied by; 1 by default
 * @param weights [D, C]; standard normal by default
 * @param distance a {@link CosineSimilarity}; that with its defaults by default
 * @param reducer {@link MeanReducer} by default
 */
public record LargeMarginSoftmaxLoss(
    int margin, double scale, ClassWeights weights, Distance distance, Reducer reducer)
    implements MarginSoftmaxLoss<LargeMarginSoftmaxLoss> {

  /**
   * @throws IllegalArgumentException if the margin is below 1, the scale is not a number, or the
   *     distance is another
   */
  public LargeMarginSoftmaxLoss {
    MultipleAngle.requireMargin(margin);
    Inputs.requireNumber("scale", scale);
    DistanceTypes.requireCosine("LargeMarginSoftmaxLoss", distance);
  }

  /** With these weights, [D, C]. */
  public LargeMarginSoftmaxLoss(ClassWeights weights) {
    this(4, 1, weights, new CosineSimilarity(), new MeanReducer());
  }

  /** With weights drawn from a generator, null for LibTorch's global one. */
  public LargeMarginSoftmaxLoss(
      long numClasses, long embeddingSize, @Nullable Generator generator) {
    this(ClassWeights.normal(embeddingSize, numClasses, generator));
  }

  public LargeMarginSoftmaxLoss(long numClasses, long embeddingSize) {
    this(numClasses, embeddingSize, null);
  }

  public LargeMarginSoftmaxLoss withMargin(int margin) {
    return new LargeMarginSoftmaxLoss(margin, scale, weights, distance, reducer);
  }

  public LargeMarginSoftmaxLoss withScale(double scale) {
    return new LargeMarginSoftmaxLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public LargeMarginSoftmaxLoss with(ClassWeights weights) {
    return new LargeMarginSoftmaxLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public LargeMarginSoftmaxLoss with(Distance distance) {
    return new LargeMarginSoftmaxLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public LargeMarginSoftmaxLoss with(Reducer reducer) {
    return new LargeMarginSoftmaxLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public Tensor withMargin(Tensor cosines) {
    return MultipleAngle.of(cosines, margin);
  }

  @Override
  public Tensor scaled(Tensor cosines, Tensor embeddings, Tensor rows) {
    double p = distance.p();
    Tensor norms = rows.norm(p, 1, false).unsqueeze(0).mul(embeddings.norm(p, 1, true));
    return cosines.mul(norms).mul(scale);
  }
}
