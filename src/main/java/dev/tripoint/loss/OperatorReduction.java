package dev.tripoint.loss;

import dev.tripoint.reducer.AvgNonZeroReducer;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.SumReducer;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reducers that Tripoint's operators have themselves, in their words. */
final class OperatorReduction {

  /** The name under which it is recorded how many losses there were. */
  static final String LOSSES = "losses_size";

  private OperatorReduction() {}

  /** The operators' argument {@code reduction}; null where they do not have the reducer. */
  static @Nullable String word(Reducer reducer) {
    return switch (reducer) {
      case MeanReducer _ -> "mean";
      case AvgNonZeroReducer _ -> "nonzero_mean";
      case SumReducer _ -> "sum";
      default -> null;
    };
  }

  /**
   * Records what the reducer would, of the results of an operator that says how many losses there
   * were and how many of them were above 0.
   *
   * @param prefix of the names
   * @param at the place of the first of the two
   */
  static void record(
      Map<String, Double> stats, String prefix, Reducer reducer, List<Object> results, int at) {
    Tensor losses = (Tensor) results.get(at);
    Tensor aboveZero = (Tensor) results.get(at + 1);
    // A batch with nothing to learn from has one loss, which is 0.
    record(stats, prefix, reducer, Math.max(losses.itemLong(), 1), aboveZero);
  }

  static void record(
      Map<String, Double> stats, String prefix, Reducer reducer, double losses, Tensor aboveZero) {
    stats.put(prefix + LOSSES, losses);
    if (reducer instanceof AvgNonZeroReducer) {
      double above = aboveZero.itemLong();
      stats.put(prefix + "num_past_filter", above);
      stats.put(prefix + "num_above_low", above);
    }
  }
}
