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
 * SphereFace: {@code pml.SphereFaceLoss}. As {@link LargeMarginSoftmaxLoss}, but logits are the
 * cosines times the norm of the embedding alone.
 *
 * @param margin what angles are multiplied by; 4 by default
 * @param scale what logits are multiplied by; 1 by default
 * @param weights [D, C]; standard normal by default
 * @param distance a {@link CosineSimilarity}; that with its defaults by default
 * @param reducer {@link MeanReducer} by default
 */
public record SphereFaceLoss(
    int margin, double scale, ClassWeights weights, Distance distance, Reducer reducer)
    implements MarginSoftmaxLoss<SphereFaceLoss> {

  /**
   * @throws IllegalArgumentException if the margin is below 1, the scale is not a number, or the
   *     distance is another
   */
  public SphereFaceLoss {
    MultipleAngle.requireMargin(margin);
    Inputs.requireNumber("scale", scale);
    DistanceTypes.requireCosine("SphereFaceLoss", distance);
  }

  /** With these weights, [D, C]. */
  public SphereFaceLoss(ClassWeights weights) {
    this(4, 1, weights, new CosineSimilarity(), new MeanReducer());
  }

  /** With weights drawn from a generator, null for LibTorch's global one. */
  public SphereFaceLoss(long numClasses, long embeddingSize, @Nullable Generator generator) {
    this(ClassWeights.normal(embeddingSize, numClasses, generator));
  }

  public SphereFaceLoss(long numClasses, long embeddingSize) {
    this(numClasses, embeddingSize, null);
  }

  public SphereFaceLoss withMargin(int margin) {
    return new SphereFaceLoss(margin, scale, weights, distance, reducer);
  }

  public SphereFaceLoss withScale(double scale) {
    return new SphereFaceLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public SphereFaceLoss with(ClassWeights weights) {
    return new SphereFaceLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public SphereFaceLoss with(Distance distance) {
    return new SphereFaceLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public SphereFaceLoss with(Reducer reducer) {
    return new SphereFaceLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public Tensor withMargin(Tensor cosines) {
    return MultipleAngle.of(cosines, margin);
  }

  @Override
  public Tensor scaled(Tensor cosines, Tensor embeddings, Tensor rows) {
    return cosines.mul(embeddings.norm(2, 1, true)).mul(scale);
  }
}
