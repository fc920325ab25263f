package dev.tripoint.reducer;

import dev.tripoint.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Leaves the losses as they are, one for each element, pair or triplet: {@code
 * pml.DoNothingReducer}. The source hands back its dictionary; here the result is its tensor of
 * losses.
 */
public record DoNothingReducer() implements Reducer {

  @Override
  public Tensor reduce(LossTerms terms, Tensor embeddings, @Nullable Tensor labels) {
    return terms.losses().retain();
  }
}
