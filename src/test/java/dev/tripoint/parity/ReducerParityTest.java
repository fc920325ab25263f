package dev.tripoint.parity;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tripoint.catalog.Kind;
import dev.tripoint.reducer.DoNothingReducer;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reducers, on each kind of terms, against pytorch-metric-learning. */
class ReducerParityTest {

  private static final Map<LossTerms.Kind, Integer> WIDTH =
      Map.of(
          LossTerms.Kind.ELEMENT, 1,
          LossTerms.Kind.POS_PAIR, 2,
          LossTerms.Kind.NEG_PAIR, 2,
          LossTerms.Kind.TRIPLET, 3,
          LossTerms.Kind.ALREADY_REDUCED, 0);

  static Stream<ParityCase> cases() {
    return Parts.cases(Kind.REDUCER);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void givesWhatTheReferenceGives(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      Map<String, Tensor> leaves = new LinkedHashMap<>();
      leaves.put("losses", c.leaf("losses"));
      leaves.put("embeddings", c.leaf("embeddings"));
      Tensor losses = leaves.get("losses");
      var kind = LossTerms.Kind.valueOf(c.json().get("kind").asText().toUpperCase(Locale.ROOT));
      List<Tensor> indices = indices(c, WIDTH.get(kind), losses.numel());
      LossTerms terms =
          new LossTerms(
              losses,
              kind,
              indices,
              c.json().has("divisor")
                  ? OptionalDouble.of(c.json().get("divisor").asDouble())
                  : OptionalDouble.empty());
      Reducer reducer = Parts.reducer(c).forTerms(c.json().path("term").asText("loss"));
      Tensor labels = c.has("labels") ? c.input("labels") : Torch.arange(4);
      Tensor reduced = reducer.reduce(terms, leaves.get("embeddings"), labels);
      Differences.values(c, "loss", reduced, c.expect().get("loss"));
      reduced.sum().backward();
      Differences.gradients(c, leaves, c.expect().get("grads"));
      if (!(reducer instanceof DoNothingReducer)) {
        Differences.stats(c, reducer.stats(terms), c.expect().get("stats"));
      }
    }
  }

  /** Those of the case, else 0, 1, 2 and so on. */
  private static List<Tensor> indices(ParityCase c, int width, long losses) {
    JsonNode lists = c.json().get("indices");
    if (lists == null) {
      return Collections.nCopies(width, Torch.arange(losses));
    }
    List<Tensor> indices = new ArrayList<>();
    for (JsonNode list : lists) {
      long[] values = ParityCase.longs(list);
      indices.add(Tensor.of(values, values.length));
    }
    return indices;
  }
}
