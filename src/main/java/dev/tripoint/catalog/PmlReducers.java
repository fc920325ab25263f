package dev.tripoint.catalog;

import dev.tripoint.reducer.AvgNonZeroReducer;
import dev.tripoint.reducer.DoNothingReducer;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.SumReducer;
import dev.tripoint.reducer.ThresholdReducer;
import java.util.List;

/** The reducers of pytorch-metric-learning. */
final class PmlReducers {
  private PmlReducers() {}

  static List<Part<?>> all() {
    return List.of(avgNonZero(), mean(), sum(), doNothing(), threshold());
  }

  private static Part<Reducer> avgNonZero() {
    return reducer("pml.AvgNonZeroReducer")
        .summary("The mean of the losses that are greater than nothing.")
        .formula("sum of l / count of l > 0; 0 where there is none")
        .makes(a -> new AvgNonZeroReducer());
  }

  private static Part<Reducer> mean() {
    return reducer("pml.MeanReducer")
        .summary("The mean of all losses.")
        .formula("sum of l / count of l")
        .makes(a -> new MeanReducer());
  }

  private static Part<Reducer> sum() {
    return reducer("pml.SumReducer")
        .summary("The sum of all losses.")
        .formula("sum of l")
        .makes(a -> new SumReducer());
  }

  private static Part<Reducer> doNothing() {
    return reducer("pml.DoNothingReducer")
        .summary("All losses as they are.")
        .formula("l")
        .makes(a -> new DoNothingReducer());
  }

  private static Part<Reducer> threshold() {
    return reducer("pml.ThresholdReducer")
        .summary("The mean of the losses strictly between two bounds.")
        .formula("mean of l with low < l < high; 0 where there is none")
        .parameter(Parameter.optionalReal("low", Range.FINITE, "what a loss must exceed"))
        .parameter(Parameter.optionalReal("high", Range.FINITE, "what a loss must stay below"))
        .makes(a -> {
          if (!a.has("low") && !a.has("high")) {
            throw new PartException(
                "pml.ThresholdReducer needs low=… or high=… with a number, or both");
          }
          return new ThresholdReducer(a.realOrNull("low"), a.realOrNull("high"));
        });
  }

  private static Part.Builder<Reducer> reducer(String name) {
    return Part.reducer(name).reference(PmlParts.REFERENCE);
  }
}
