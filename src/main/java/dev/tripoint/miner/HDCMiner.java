package dev.tripoint.miner;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/**
 * The hardest part of all pairs: the farthest positive pairs and the closest negative ones, each
 * the same part of their number, rounded up: {@code pml.HDCMiner}. Pairs come hardest first. Of the
 * two directions of one pair, which are equally far, one may be left out.
 *
 * <p>Where the source is given tuples by {@code set_idx_externally} and then filters its own last
 * result at each call, {@link #with(IndexTuples)} gives a miner that filters those tuples, always
 * the same; for a cascade, hand each result to the next.
 *
 * @param filterPercentage which part stays, from 0 to 1; 0.5 by default
 * @param distance what is far; {@link LpDistance} with its defaults by default
 * @param tuples what to filter, which the caller keeps open; null, the default, for all pairs of
 *     the batch
 */
public record HDCMiner(double filterPercentage, Distance distance, @Nullable IndexTuples tuples)
    implements Miner, WithDistance<HDCMiner> {

  /**
   * @throws IllegalArgumentException if filterPercentage is not from 0 to 1
   */
  public HDCMiner {
    if (!(filterPercentage >= 0 && filterPercentage <= 1)) {
      throw new IllegalArgumentException(
          "filterPercentage must be from 0 to 1, but is " + filterPercentage);
    }
  }

  public HDCMiner(double filterPercentage) {
    this(filterPercentage, new LpDistance(), null);
  }

  public HDCMiner() {
    this(0.5);
  }

  @Override
  public HDCMiner with(Distance distance) {
    return new HDCMiner(filterPercentage, distance, tuples);
  }

  /** With these to filter; null for all pairs of the batch. */
  public HDCMiner with(@Nullable IndexTuples tuples) {
    return new HDCMiner(filterPercentage, distance, tuples);
  }

  @Override
  public Pairs mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      Tensor mat = distance.matrix(embeddings, refEmb);
      Pairs pairs = MinerUtils.convertToPairs(tuples, relation);
      Tensor positive = hardest(mat.index(pairs.anchorPositive(), pairs.positive()), true);
      Tensor negative = hardest(mat.index(pairs.anchorNegative(), pairs.negative()), false);
      return new Pairs(
          scope.keep(pairs.anchorPositive().indexSelect(0, positive)),
          scope.keep(pairs.positive().indexSelect(0, positive)),
          scope.keep(pairs.anchorNegative().indexSelect(0, negative)),
          scope.keep(pairs.negative().indexSelect(0, negative)));
    }
  }

  private Tensor hardest(Tensor distances, boolean farthest) {
    long count = (long) Math.ceil(filterPercentage * distances.numel());
    return distances.topk(count, 0, farthest != distance.isInverted(), true).indices();
  }
}
