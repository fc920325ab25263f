package dev.tripoint.catalog;

import dev.tripoint.reducer.AvgNonZeroReducer;
import dev.tripoint.reducer.ClassWeightedReducer;
import dev.tripoint.reducer.DivisorReducer;
import dev.tripoint.reducer.DoNothingReducer;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.MultipleReducers;
import dev.tripoint.reducer.PerAnchorReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.SumReducer;
import dev.tripoint.reducer.ThresholdReducer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The reducers of pytorch-metric-learning. */
final class PmlReducers {
  private PmlReducers() {}

  static List<Part<?>> all() {
    return List.of(
        avgNonZero(),
        mean(),
        sum(),
        doNothing(),
        threshold(),
        classWeighted(),
        divisor(),
        perAnchor(),
        multiple());
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

  private static Part<Reducer> classWeighted() {
    return reducer("pml.ClassWeightedReducer")
        .differs(
            "Labels may be of any integer type, and one below 0 or without a weight is refused; the reference takes uint8 for a mask and counts from the end.")
        .summary("The mean of the losses, each times the weight of its (anchor's) class.")
        .formula("sum of l * weights[label] / count of l")
        .parameter(Parameter.requiredList("weights", "one for each class; labels are places in it"))
        .makes(a -> new ClassWeightedReducer(a.list("weights")));
  }

  private static Part<Reducer> divisor() {
    return reducer("pml.DivisorReducer")
        .summary("The sum of the losses divided by what the loss says, where it says something.")
        .formula("sum of l / divisor; 0 where that is 0")
        .makes(a -> new DivisorReducer());
  }

  private static Part<Reducer> perAnchor() {
    return reducer("pml.PerAnchorReducer")
        .differs(
            "Works with references; the reference's matrix is batch by batch and fails on them.")
        .summary("The mean of each anchor's pair losses, and another reducer over all anchors.")
        .formula("reducer of, for each row, mean of l with that anchor; 0 where there is none")
        .parameter(
            Parameter.optionalPart("reducer", "reduces the anchors; pml.MeanReducer by itself"))
        .makes(a -> {
          Nested inner = a.partOrNull("reducer");
          return inner == null ? new PerAnchorReducer() : new PerAnchorReducer(inner.reducer());
        });
  }

  private static Part<Reducer> multiple() {
    return reducer("pml.MultipleReducers")
        .summary("A reducer for each term of a loss, such as pos_loss and neg_loss.")
        .formula("sum over terms of reducer[term] of l")
        .parameter(Parameter.requiredParts("reducers", "reducers by the names of the terms"))
        .parameter(
            Parameter.optionalPart(
                "default_reducer", "reduces the other terms; pml.MeanReducer by itself"))
        .makes(a -> {
          Map<String, Reducer> named = new LinkedHashMap<>();
          a.parts("reducers").forEach((term, each) -> named.put(term, each.reducer()));
          var reducers = new MultipleReducers(named);
          Nested other = a.partOrNull("default_reducer");
          return other == null ? reducers : reducers.withDefault(other.reducer());
        });
  }

  private static Part.Builder<Reducer> reducer(String name) {
    return Part.reducer(name).reference(PmlParts.REFERENCE);
  }
}
