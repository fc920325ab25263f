package dev.tripoint.miner;

import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Triplets: anchor, one of its class, one of another.
 *
 * @param anchor int64, [K]
 * @param positive int64, [K]
 * @param negative int64, [K]
 */
public record Triplets(Tensor anchor, Tensor positive, Tensor negative) implements IndexTuples {

  /**
   * @throws IllegalArgumentException if one is not int64 of one dimension, or lengths differ
   */
  public Triplets {
    IndexTuples.requireMatching("anchor", anchor, "positive", positive);
    IndexTuples.requireMatching("anchor", anchor, "negative", negative);
  }

  /** How many there are. */
  public long count() {
    return anchor.numel();
  }

  @Override
  public List<Tensor> tensors() {
    return List.of(anchor, positive, negative);
  }

  @Override
  public Triplets map(UnaryOperator<Tensor> function) {
    return new Triplets(function.apply(anchor), function.apply(positive), function.apply(negative));
  }
}
