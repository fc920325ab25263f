package dev.tripoint.regularizer;

import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;

/**
 * A regularizer in two steps, as a loss: costs one by one, and a reducer that makes one of them.
 * The reducer is given the rows' own numbers for labels.
 */
public interface MetricRegularizer extends Regularizer {

  /** What makes one cost of many. */
  Reducer reducer();

  /**
   * The costs before they are reduced. What it makes on the way is freed by the caller.
   *
   * @param rows floats, [N, D]
   */
  LossTerms terms(Tensor rows);

  @Override
  default Tensor forward(Tensor rows) {
    if (rows.dim() != 2 || !rows.dtype().isFloatingPoint()) {
      throw new IllegalArgumentException(
          "rows must be floats of two dimensions, but are %s of %d dimensions"
              .formatted(rows.dtype().torchName(), rows.dim()));
    }
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(
          reducer().forTerms("loss").reduce(terms(rows), rows, Torch.arange(rows.size(0))));
    }
  }
}
