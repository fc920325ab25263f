package dev.tripoint.reducer;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A loss before it is reduced: what pytorch-metric-learning's losses hand to their reducer.
 *
 * @param losses floats, [K], one for each element, pair or triplet; for {@link
 *     Kind#ALREADY_REDUCED} a single value
 * @param kind what each loss belongs to
 * @param indices int64, [K] each: one tensor for elements, two for pairs (anchor, other), three for
 *     triplets (anchor, positive, negative), none for {@link Kind#ALREADY_REDUCED}
 * @param divisor what a {@link DivisorReducer} divides the sum by; few losses have one
 */
public record LossTerms(Tensor losses, Kind kind, List<Tensor> indices, OptionalDouble divisor) {

  /** What each loss belongs to. */
  public enum Kind {
    ELEMENT(1),
    POS_PAIR(2),
    NEG_PAIR(2),
    TRIPLET(3),
    ALREADY_REDUCED(0);

    private final int width;

    Kind(int width) {
      this.width = width;
    }
  }

  /**
   * @throws IllegalArgumentException if the number or length of the index tensors does not fit
   */
  public LossTerms {
    indices = List.copyOf(indices);
    if (indices.size() != kind.width) {
      throw new IllegalArgumentException(
          "%s losses need %d index tensors, but have %d"
              .formatted(kind, kind.width, indices.size()));
    }
    if (kind == Kind.ALREADY_REDUCED ? losses.numel() != 1 : losses.dim() != 1) {
      throw new IllegalArgumentException(
          "%s losses must be %s, but have %d dimensions and %d elements"
              .formatted(
                  kind,
                  kind == Kind.ALREADY_REDUCED ? "a single value" : "of one dimension",
                  losses.dim(),
                  losses.numel()));
    }
    for (Tensor index : indices) {
      if (index.numel() != losses.numel()) {
        throw new IllegalArgumentException(
            "%d losses need as many indices, but have %d".formatted(losses.numel(), index.numel()));
      }
    }
  }

  /** Without a divisor. */
  public LossTerms(Tensor losses, Kind kind, List<Tensor> indices) {
    this(losses, kind, indices, OptionalDouble.empty());
  }

  /** One loss for each row, [N]. */
  public static LossTerms elements(Tensor losses) {
    return new LossTerms(losses, Kind.ELEMENT, List.of(Torch.arange(losses.numel())));
  }

  public LossTerms withDivisor(double divisor) {
    return new LossTerms(losses, kind, indices, OptionalDouble.of(divisor));
  }

  /** These terms as the only ones of a loss, under the name that the source gives them. */
  public Map<String, LossTerms> alone() {
    return Map.of("loss", this);
  }

  /**
   * The loss of a batch that has nothing to learn from: 0, attached to the embeddings' graph with
   * gradient 0.
   */
  public static LossTerms none(Tensor embeddings) {
    return new LossTerms(zero(embeddings), Kind.ALREADY_REDUCED, List.of());
  }

  /**
   * A 0 that depends on the embeddings, with gradient 0. Like the source's it is NaN where an
   * embedding is not finite.
   */
  static Tensor zero(Tensor embeddings) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(embeddings.mul(0).sum());
    }
  }
}
