package dev.tripoint.miner;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Random triplets whose negatives come from all distances about equally often: {@code
 * pml.DistanceWeightedMiner}. A negative at distance d is drawn with the inverse of the density
 * that d has among points of a sphere, d<sup>D−2</sup> (1 − d²/4)<sup>(D−3)/2</sup>, where
 * distances below a cutoff count as the cutoff and those from another cutoff on are not drawn. Each
 * anchor gives as many triplets as its class has references, none where no negative has a weight.
 * With the same seed and by labels, the draws are those of the source.
 *
 * @param cutoff 0.5 by default
 * @param nonzeroLossCutoff 1.4 by default
 * @param distance {@link LpDistance} with its defaults, and no other, as in the source
 * @param generator where the draws come from; null, the default, for LibTorch's global generator
 */
public record DistanceWeightedMiner(
    double cutoff, double nonzeroLossCutoff, Distance distance, @Nullable Generator generator)
    implements Miner, WithDistance<DistanceWeightedMiner> {

  /**
   * @throws IllegalArgumentException if a cutoff is not a number or the distance another
   */
  public DistanceWeightedMiner {
    if (Double.isNaN(cutoff) || Double.isNaN(nonzeroLossCutoff)) {
      throw new IllegalArgumentException(
          "cutoffs must be numbers, but are %s and %s".formatted(cutoff, nonzeroLossCutoff));
    }
    Inputs.requireStandardDistance("DistanceWeightedMiner", distance);
  }

  public DistanceWeightedMiner(double cutoff, double nonzeroLossCutoff) {
    this(cutoff, nonzeroLossCutoff, new LpDistance(), null);
  }

  public DistanceWeightedMiner() {
    this(0.5, 1.4);
  }

  @Override
  public DistanceWeightedMiner with(Distance distance) {
    return new DistanceWeightedMiner(cutoff, nonzeroLossCutoff, distance, generator);
  }

  /**
   * With draws from this generator, which the caller keeps open and uses from one thread at a time.
   */
  public DistanceWeightedMiner with(@Nullable Generator generator) {
    return new DistanceWeightedMiner(cutoff, nonzeroLossCutoff, distance, generator);
  }

  @Override
  public Triplets mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      Tensor weights = weights(embeddings, refEmb, relation);
      return MinerUtils.getRandomTripletIndices(relation, OptionalInt.empty(), weights, generator)
          .map(scope::keep);
    }
  }

  /**
   * What each negative of each anchor is drawn with: rows that sum to 1, 0 for what is no negative;
   * NaN in rows that have none to draw.
   *
   * @param embeddings floats, [N, D]
   * @param refEmb floats, [M, D]
   * @param relation [N, M]
   */
  public Tensor weights(Tensor embeddings, Tensor refEmb, Relation relation) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      double dimensions = embeddings.size(1);
      Tensor mat = distance.matrix(embeddings, refEmb).clampMin(cutoff);
      Tensor rest = mat.square().mul(0.25).rsub(1).log().mul((dimensions - 3) / 2);
      Tensor logs = mat.log().mul(2 - dimensions).sub(rest);
      Tensor finite = logs.isfinite();
      Tensor negative = relation.matches().diffs().to(mat.dtype());
      logs = logs.mul(negative);
      Tensor counted = logs.maskedSelect(finite);
      // For stability the greatest is made 0, over all anchors as in the source.
      Tensor shifted = counted.numel() == 0 ? logs : logs.sub(counted.max());
      Tensor weights =
          shifted
              .exp()
              .mul(negative)
              .mul(mat.lt(nonzeroLossCutoff).to(mat.dtype()))
              .maskedFill(finite.logicalNot(), 0);
      return scope.keep(weights.div(weights.sum(1, true)));
    }
  }
}
