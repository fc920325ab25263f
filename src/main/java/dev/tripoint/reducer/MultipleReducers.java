package dev.tripoint.reducer;

import dev.tripoint.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A reducer for each term of a loss, such as "pos_loss" and "neg_loss", whose results are added:
 * {@code pml.MultipleReducers}.
 *
 * @param reducers by the names of the terms; names that the loss does not have are no error
 * @param defaultReducer for terms that are not named; {@link MeanReducer} by default
 */
public record MultipleReducers(Map<String, Reducer> reducers, Reducer defaultReducer)
    implements Reducer {

  /** Copies the map. */
  public MultipleReducers {
    reducers = Collections.unmodifiableMap(new LinkedHashMap<>(reducers));
  }

  public MultipleReducers(Map<String, Reducer> reducers) {
    this(reducers, new MeanReducer());
  }

  /** The same with another reducer for the terms that are not named. */
  public MultipleReducers withDefault(Reducer reducer) {
    return new MultipleReducers(reducers, reducer);
  }

  @Override
  public Reducer forTerms(String name) {
    return reducers.getOrDefault(name, defaultReducer);
  }

  /** Reduces the terms of a loss that has only these, which the source calls "loss". */
  @Override
  public Tensor reduce(LossTerms terms, Tensor embeddings, @Nullable Tensor labels) {
    return forTerms("loss").reduce(terms, embeddings, labels);
  }

  /** What the reducer of these terms records. */
  @Override
  public Map<String, Double> stats(LossTerms terms) {
    return forTerms("loss").stats(terms);
  }
}
