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
 * CosFace: {@code pml.CosFaceLoss}. A margin is taken from the cosine to a row's own class. Logits
 * are the cosines times a scale.
 *
 * @param margin what is taken from cosines; 0.35 by default
 * @param scale what cosines are multiplied by; 64 by default
 * @param weights [D, C]; standard normal by default
 * @param distance a {@link CosineSimilarity}; that with its defaults by default
 * @param reducer {@link MeanReducer} by default
 */
public record CosFaceLoss(
    double margin, double scale, ClassWeights weights, Distance distance, Reducer reducer)
    implements MarginSoftmaxLoss<CosFaceLoss> {

  /**
   * @throws IllegalArgumentException if margin or scale is not a number, or the distance is another
   */
  public CosFaceLoss {
    Inputs.requireNumber("margin", margin);
    Inputs.requireNumber("scale", scale);
    DistanceTypes.requireCosine("CosFaceLoss", distance);
  }

  /** With these weights, [D, C]. */
  public CosFaceLoss(ClassWeights weights) {
    this(0.35, 64, weights, new CosineSimilarity(), new MeanReducer());
  }

  /** With weights drawn from a generator, null for LibTorch's global one. */
  public CosFaceLoss(long numClasses, long embeddingSize, @Nullable Generator generator) {
    this(ClassWeights.normal(embeddingSize, numClasses, generator));
  }

  public CosFaceLoss(long numClasses, long embeddingSize) {
    this(numClasses, embeddingSize, null);
  }

  public CosFaceLoss withMargin(double margin) {
    return new CosFaceLoss(margin, scale, weights, distance, reducer);
  }

  public CosFaceLoss withScale(double scale) {
    return new CosFaceLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public CosFaceLoss with(ClassWeights weights) {
    return new CosFaceLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public CosFaceLoss with(Distance distance) {
    return new CosFaceLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public CosFaceLoss with(Reducer reducer) {
    return new CosFaceLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public Tensor withMargin(Tensor cosines) {
    return cosines.sub(margin);
  }

  @Override
  public Tensor scaled(Tensor cosines, Tensor embeddings, Tensor rows) {
    return cosines.mul(scale);
  }
}
