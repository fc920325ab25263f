package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
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
    Inputs.requireNumber("margin", margin);
    Inputs.requireNumber("scale", scale);
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

  /**
   * Rows that lie far from their class, to be left out of training.
   *
   * @param indices int64, [K], class by class
   * @param dominantCenters [D, C]: of each class the center that is nearest to most of its rows;
   *     zeros for a class without rows
   */
  public record Outliers(Tensor indices, Tensor dominantCenters) {}

  /** {@link #outliers(Tensor, Tensor, double)} beyond 75 degrees. */
  public Outliers outliers(Tensor embeddings, Tensor labels) {
    return outliers(embeddings, labels, 75);
  }

  /**
   * The rows farther than an angle from the dominant center of their class: {@code get_outliers} of
   * the source. Without gradient.
   *
   * @param embeddings floats, [N, D]
   * @param labels any integers, [N], numbers of classes
   * @param threshold the angle, in degrees
   */
  public Outliers outliers(Tensor embeddings, Tensor labels, double threshold) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      LossInput input = Losses.checked(embeddings, Relation.of(labels), null, null, true);
      ClassifiedBatch batch = ClassifiedBatch.of(input, this);
      List<Tensor> found = new ArrayList<>();
      List<Tensor> dominant = new ArrayList<>();
      for (long c = 0; c < batch.classes(); c++) {
        Tensor members = batch.labels().eq(c).nonzero().select(1, 0);
        Tensor centers = batch.rows().narrow(0, c * subCenters, subCenters);
        if (members.numel() == 0) {
          dominant.add(Torch.zerosLike(centers.select(0, 0)));
          continue;
        }
        Tensor cosines = distance.matrix(embeddings.indexSelect(0, members), centers);
        long most = cosines.argmax(1, false).bincount().argmax(0, false).itemLong();
        dominant.add(centers.select(0, most));
        Tensor far = cosines.select(1, most).lt(Math.cos(Math.toRadians(threshold)));
        found.add(members.maskedSelect(far));
      }
      return new Outliers(
          scope.keep(found.isEmpty() ? Torch.arange(0) : Torch.cat(found, 0)),
          scope.keep(Torch.stack(dominant, 1)));
    }
  }
}
