package dev.tripoint.miner;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;

/**
 * The triplets whose angle at the negative is greater than a bound: {@code pml.AngularMiner}. With
 * c halfway between anchor and positive, the angle is atan(|a − p| / (2 |n − c|)), of the rows as
 * they are and, as in {@link LpDistance#pairwise}, with 1e-6 added to each difference.
 *
 * @param angle in degrees; 20 by default
 * @param distance {@link LpDistance} with its defaults, and no other, as in the source
 */
public record AngularMiner(double angle, Distance distance)
    implements Miner, WithDistance<AngularMiner> {

  /**
   * @throws IllegalArgumentException if the angle is not a number or the distance another
   */
  public AngularMiner {
    Inputs.requireNumber("angle", angle);
    Inputs.requireStandardDistance("AngularMiner", distance);
  }

  public AngularMiner(double angle) {
    this(angle, new LpDistance());
  }

  public AngularMiner() {
    this(20);
  }

  @Override
  public AngularMiner with(Distance distance) {
    return new AngularMiner(angle, distance);
  }

  @Override
  public Triplets mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      Triplets all = MinerUtils.getAllTripletsIndices(relation);
      Tensor wanted = angles(embeddings, refEmb, all).gt(Math.toRadians(angle));
      return all.map(t -> scope.keep(t.maskedSelect(wanted)));
    }
  }

  /**
   * The angle of each triplet in radians, which the source records the mean, least and greatest of.
   *
   * @param embeddings floats, [N, D], that anchors index
   * @param refEmb floats, [M, D], that positives and negatives index
   */
  public Tensor angles(Tensor embeddings, Tensor refEmb, Triplets triplets) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor anchors = embeddings.indexSelect(0, triplets.anchor());
      Tensor positives = refEmb.indexSelect(0, triplets.positive());
      Tensor negatives = refEmb.indexSelect(0, triplets.negative());
      Tensor centers = anchors.add(positives).div(2);
      Tensor base = distance.pairwise(anchors, positives);
      return scope.keep(base.div(distance.pairwise(negatives, centers).mul(2)).atan());
    }
  }
}
