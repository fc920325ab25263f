package dev.tripoint.miner;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Locale;

/**
 * Of all triplets those whose gap, by how much the negative is farther than the positive, stands in
 * a relation to the margin: {@code pml.TripletMarginMiner}.
 *
 * @param margin 0.2 by default
 * @param typeOfTriplets which relation; all by default
 * @param distance what is far; {@link LpDistance} with its defaults by default
 */
public record TripletMarginMiner(double margin, Type typeOfTriplets, Distance distance)
    implements Miner, WithDistance<TripletMarginMiner> {

  private static final Op TRIPLET_MARGIN_MINER = Op.of("tripoint::triplet_margin_miner");

  /** The relation of a triplet's gap to the margin. */
  public enum Type {
    /** gap ≤ margin */
    ALL,
    /** gap ≤ margin and gap ≤ 0 */
    HARD,
    /** 0 &lt; gap ≤ margin */
    SEMIHARD,
    /** gap &gt; margin */
    EASY;

    private final String word = name().toLowerCase(Locale.ROOT);
  }

  public TripletMarginMiner(double margin, Type typeOfTriplets) {
    this(margin, typeOfTriplets, new LpDistance());
  }

  public TripletMarginMiner() {
    this(0.2, Type.ALL);
  }

  @Override
  public TripletMarginMiner with(Distance distance) {
    return new TripletMarginMiner(margin, typeOfTriplets, distance);
  }

  @Override
  public Triplets mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      OperatorBatch batch =
          Double.isNaN(margin) ? null : OperatorBatch.of(distance, embeddings, refEmb, relation);
      if (batch != null) {
        Tensor[] found = batch.call(TRIPLET_MARGIN_MINER, 3, margin, typeOfTriplets.word);
        return new Triplets(found[0], found[1], found[2]).map(scope::keep);
      }
      Triplets all = MinerUtils.getAllTripletsIndices(relation);
      Tensor mat = distance.matrix(embeddings, refEmb);
      Tensor gap =
          distance.margin(
              mat.index(all.anchor(), all.negative()), mat.index(all.anchor(), all.positive()));
      Tensor wanted = wanted(gap);
      return all.map(t -> scope.keep(t.maskedSelect(wanted)));
    }
  }

  private Tensor wanted(Tensor gap) {
    return switch (typeOfTriplets) {
      case ALL -> gap.le(margin);
      case HARD -> gap.le(margin).logicalAnd(gap.le(0));
      case SEMIHARD -> gap.le(margin).logicalAnd(gap.gt(0));
      case EASY -> gap.gt(margin);
    };
  }
}
