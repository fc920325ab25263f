package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Sub-center ArcFace: {@code pml.SubCenterArcFaceLoss}. As {@link ArcFaceLoss}, but each class has
 * several centers, and a row's cosine to a class is that to the nearest of them.
 *
 * @param margin what is added to angles, in degrees; 28.6 by default
 * @param scale what cosines are multiplied by; 64 by default
 * @param subCenters how many centers each class has; 3 by default
 * @param weights [D, C · subCenters], the centers of a class side by side; standard normal by
 *     default
 * @param distance a {@link CosineSimilarity}; that with its defaults by default
 * @param reducer {@link MeanReducer} by default
 */
public record SubCenterArcFaceLoss(
    double margin,
    double scale,
    long subCenters,
    ClassWeights weights,
    Distance distance,
    Reducer reducer)
    implements MarginSoftmaxLoss<SubCenterArcFaceLoss> {

  /**
   * @throws IllegalArgumentException if margin or scale is not a number, the weights are not a
   *     whole number of classes, or the distance is another
   */
  public SubCenterArcFaceLoss {
    Settings.requireNumber("margin", margin);
    Settings.requireNumber("scale", scale);
    ClassWeights.requireCenters("subCenters", subCenters, weights);
    DistanceTypes.requireCosine("SubCenterArcFaceLoss", distance);
  }

  /** With these weights, [D, C · subCenters]. */
  public SubCenterArcFaceLoss(long subCenters, ClassWeights weights) {
    this(28.6, 64, subCenters, weights, new CosineSimilarity(), new MeanReducer());
  }

  /** With weights drawn from a generator, null for LibTorch's global one. */
  public SubCenterArcFaceLoss(
      long numClasses, long embeddingSize, long subCenters, @Nullable Generator generator) {
    this(subCenters, ClassWeights.normal(embeddingSize, numClasses * subCenters, generator));
  }

  public SubCenterArcFaceLoss(long numClasses, long embeddingSize) {
    this(numClasses, embeddingSize, 3, null);
  }

  public SubCenterArcFaceLoss withMargin(double margin) {
    return new SubCenterArcFaceLoss(margin, scale, subCenters, weights, distance, reducer);
  }

  public SubCenterArcFaceLoss withScale(double scale) {
    return new SubCenterArcFaceLoss(margin, scale, subCenters, weights, distance, reducer);
  }

  @Override
  public SubCenterArcFaceLoss with(ClassWeights weights) {
    return new SubCenterArcFaceLoss(margin, scale, subCenters, weights, distance, reducer);
  }

  @Override
  public SubCenterArcFaceLoss with(Distance distance) {
    return new SubCenterArcFaceLoss(margin, scale, subCenters, weights, distance, reducer);
  }

  @Override
  public SubCenterArcFaceLoss with(Reducer reducer) {
    return new SubCenterArcFaceLoss(margin, scale, subCenters, weights, distance, reducer);
  }

  @Override
  public long centers() {
    return subCenters;
  }

  @Override
  public Tensor withMargin(Tensor cosines) {
    return ArcFaceLoss.withMargin(cosines, margin);
  }

  @Override
  public Tensor scaled(Tensor cosines, Tensor embeddings, Tensor rows) {
    return cosines.mul(scale);
  }
}
