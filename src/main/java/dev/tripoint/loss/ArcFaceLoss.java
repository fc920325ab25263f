package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import org.jspecify.annotations.Nullable;

/**
 * ArcFace: {@code pml.ArcFaceLoss}. A margin m is added to the angle θ to a row's own class: in
 * place of cos θ stands cos(θ + m), or cos θ − m sin m where θ + m is beyond π. Logits are the
 * cosines times a scale.
 *
 * <p>A row that lies exactly along its class has gradient 0 through that cosine, where the source
 * gives NaN.
 *
 * @param margin what is added to angles, in degrees; 28.6 by default
 * @param scale what cosines are multiplied by; 64 by default
 * @param weights [D, C]; standard normal by default
 * @param distance a {@link CosineSimilarity}; that with its defaults by default
 * @param reducer {@link MeanReducer} by default
 */
public record ArcFaceLoss(
    double margin, double scale, ClassWeights weights, Distance distance, Reducer reducer)
    implements MarginSoftmaxLoss<ArcFaceLoss> {

  /**
   * @throws IllegalArgumentException if margin or scale is not a number, or the distance is another
   */
  public ArcFaceLoss {
    Inputs.requireNumber("margin", margin);
    Inputs.requireNumber("scale", scale);
    DistanceTypes.requireCosine("ArcFaceLoss", distance);
  }

  /** With these weights, [D, C]. */
  public ArcFaceLoss(ClassWeights weights) {
    this(28.6, 64, weights, new CosineSimilarity(), new MeanReducer());
  }

  /** With weights drawn from a generator, null for LibTorch's global one. */
  public ArcFaceLoss(long numClasses, long embeddingSize, @Nullable Generator generator) {
    this(ClassWeights.normal(embeddingSize, numClasses, generator));
  }

  public ArcFaceLoss(long numClasses, long embeddingSize) {
    this(numClasses, embeddingSize, null);
  }

  public ArcFaceLoss withMargin(double margin) {
    return new ArcFaceLoss(margin, scale, weights, distance, reducer);
  }

  public ArcFaceLoss withScale(double scale) {
    return new ArcFaceLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public ArcFaceLoss with(ClassWeights weights) {
    return new ArcFaceLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public ArcFaceLoss with(Distance distance) {
    return new ArcFaceLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public ArcFaceLoss with(Reducer reducer) {
    return new ArcFaceLoss(margin, scale, weights, distance, reducer);
  }

  @Override
  public Tensor withMargin(Tensor cosines) {
    return withMargin(cosines, margin);
  }

  /** The cosines of angles to which a margin in degrees is added. */
  static Tensor withMargin(Tensor cosines, double margin) {
    double radians = Math.toRadians(margin);
    Tensor angles = Angles.of(cosines);
    return Torch.where(
        angles.le(Math.PI - radians),
        angles.add(radians).cos(),
        angles.cos().sub(radians * Math.sin(radians)));
  }

  @Override
  public Tensor scaled(Tensor cosines, Tensor embeddings, Tensor rows) {
    return cosines.mul(scale);
  }
}
