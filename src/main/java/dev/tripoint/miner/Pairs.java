package dev.tripoint.miner;

import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Positive and negative pairs, each with anchors of their own.
 *
 * @param anchorPositive int64, [P]
 * @param positive int64, [P], of the same class as the anchor beside it
 * @param anchorNegative int64, [Q]
 * @param negative int64, [Q], of another class than the anchor beside it
 */
public record Pairs(Tensor anchorPositive, Tensor positive, Tensor anchorNegative, Tensor negative)
    implements IndexTuples {

  /**
   * @throws IllegalArgumentException if one is not int64 of one dimension, or lengths differ within
   *     a pair
   */
  public Pairs {
    IndexTuples.requireMatching("anchorPositive", anchorPositive, "positive", positive);
    IndexTuples.requireMatching("anchorNegative", anchorNegative, "negative", negative);
  }

  @Override
  public List<Tensor> tensors() {
    return List.of(anchorPositive, positive, anchorNegative, negative);
  }

  @Override
  public Pairs map(UnaryOperator<Tensor> function) {
    return new Pairs(
        function.apply(anchorPositive),
        function.apply(positive),
        function.apply(anchorNegative),
        function.apply(negative));
  }
}
