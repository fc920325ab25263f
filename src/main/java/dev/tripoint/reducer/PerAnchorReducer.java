package dev.tripoint.reducer;

import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The mean of each anchor's pair losses, 0 for an anchor without any, and then another reducer over
 * all anchors: {@code pml.PerAnchorReducer}. Losses of single rows go to that reducer as they are;
 * those of triplets are refused, as in the source.
 *
 * <p>A pair that is given more than once counts once, but its gradient as often as it is given,
 * which is the source's rule. Pairs with references work too; the source fails there with as many
 * references as would not fit its square of the batch.
 *
 * @param reducer what reduces the anchors' losses; {@link MeanReducer} by default
 */
public record PerAnchorReducer(Reducer reducer) implements Reducer, WithReducer<PerAnchorReducer> {

  private static final Op PUT = Op.of("aten::index_put");

  public PerAnchorReducer() {
    this(new MeanReducer());
  }

  @Override
  public PerAnchorReducer with(Reducer reducer) {
    return new PerAnchorReducer(reducer);
  }

  /**
   * @throws IllegalArgumentException if the losses are of triplets
   */
  @Override
  public Tensor reduce(LossTerms terms, Tensor embeddings, @Nullable Tensor labels) {
    return switch (terms.kind()) {
      case ALREADY_REDUCED -> terms.losses().retain();
      case ELEMENT -> reducer.reduce(terms, embeddings, labels);
      case POS_PAIR, NEG_PAIR -> {
        try (TensorScope scope = TensorScope.open()) {
          LossTerms anchors = LossTerms.elements(anchors(terms, embeddings.size(0)));
          yield scope.keep(reducer.reduce(anchors, embeddings, labels));
        }
      }
      case TRIPLET ->
          throw new IllegalArgumentException(
              "PerAnchorReducer reduces losses of rows and pairs, not of triplets");
    };
  }

  private static Tensor anchors(LossTerms terms, long rows) {
    Tensor others = terms.indices().getLast();
    long columns = others.numel() == 0 ? 1 : others.max().itemLong() + 1;
    Tensor none = Torch.zerosLike(terms.losses()).sum().expand(rows, columns);
    Tensor losses = PUT.callTensor(none, terms.indices(), terms.losses(), false);
    Tensor present = PUT.callTensor(none, terms.indices(), Torch.onesLike(terms.losses()), false);
    return losses.sum(1).div(present.sum(1).clampMin(1));
  }

  /** {@code losses_size}: how many losses there were, before anchors were put together. */
  @Override
  public Map<String, Double> stats(LossTerms terms) {
    return Stats.size(terms);
  }
}
