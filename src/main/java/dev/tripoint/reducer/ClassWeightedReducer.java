package dev.tripoint.reducer;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The mean of the losses, each times the weight of its class: {@code pml.ClassWeightedReducer}. A
 * pair's or triplet's class is its anchor's. The weights do not count in the divisor.
 *
 * @param weights one for each class; labels are places in it, so they run from 0
 */
public record ClassWeightedReducer(List<Double> weights) implements Reducer {

  /**
   * @throws IllegalArgumentException if there are no weights, or one is not a number
   */
  public ClassWeightedReducer {
    weights = List.copyOf(weights);
    if (weights.isEmpty() || weights.stream().anyMatch(weight -> weight.isNaN())) {
      throw new IllegalArgumentException("weights must be one number or more, but are " + weights);
    }
  }

  public ClassWeightedReducer(double... weights) {
    this(Arrays.stream(weights).boxed().toList());
  }

  /**
   * @throws IllegalArgumentException if there are no labels, or one has no weight
   */
  @Override
  public Tensor reduce(LossTerms terms, Tensor embeddings, @Nullable Tensor labels) {
    if (terms.kind() == LossTerms.Kind.ALREADY_REDUCED) {
      return terms.losses().retain();
    }
    if (labels == null) {
      throw new IllegalArgumentException("ClassWeightedReducer needs labels");
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor classes = labels.to(DType.INT64).indexSelect(0, terms.indices().getFirst());
      requireWeights(classes);
      Tensor each =
          Tensor.of(weights.stream().mapToDouble(Double::doubleValue).toArray(), weights.size())
              .to(terms.losses().dtype())
              .to(terms.losses().device())
              .indexSelect(0, classes);
      return scope.keep(terms.losses().mul(each).mean());
    }
  }

  /** {@code losses_size}: how many losses there were. */
  @Override
  public Map<String, Double> stats(LossTerms terms) {
    return Stats.size(terms);
  }

  private void requireWeights(Tensor classes) {
    if (classes.numel() == 0) {
      return;
    }
    long lowest = classes.min().itemLong();
    long highest = classes.max().itemLong();
    if (lowest < 0 || highest >= weights.size()) {
      throw new IllegalArgumentException(
          "%d class weights are for labels from 0 to %d, but there is a label %d"
              .formatted(weights.size(), weights.size() - 1, lowest < 0 ? lowest : highest));
    }
  }
}
