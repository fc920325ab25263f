package dev.tripoint.reducer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A reducer of one's own, ownership of results, and terms that do not fit. */
class ReducerTest {

  @Test
  void aLambdaIsAReducer() {
    try (TensorScope scope = TensorScope.open()) {
      Reducer largest = (terms, embeddings, labels) -> terms.losses().amax(0, false);
      LossTerms terms = elements(1, 7, 3);
      assertThat(largest.reduce(terms, Torch.randn(3, 2), null).item()).isEqualTo(7);
      assertThat(largest.stats(terms)).isEmpty();
    }
  }

  @Test
  void resultsAreHandlesOfTheirOwn() {
    try (TensorScope scope = TensorScope.open()) {
      LossTerms terms = elements(1, 2);
      new DoNothingReducer().reduce(terms, Torch.randn(2, 2), null).close();
      assertThat(terms.losses().isClosed()).isFalse();
      LossTerms none = LossTerms.none(Torch.randn(2, 2));
      for (Reducer reducer :
          List.of(
              new MeanReducer(),
              new SumReducer(),
              new AvgNonZeroReducer(),
              new ThresholdReducer(null, 1.0))) {
        Tensor zero = reducer.reduce(none, Torch.randn(2, 2), null);
        assertThat(zero.item()).isZero();
        zero.close();
        assertThat(none.losses().isClosed()).isFalse();
      }
    }
  }

  @Test
  void termsMustFit() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor two = Torch.randn(2);
      assertThatThrownBy(() -> new LossTerms(two, LossTerms.Kind.TRIPLET, List.of(Torch.arange(2))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("3 index tensors, but have 1");
      assertThatThrownBy(() -> new LossTerms(two, LossTerms.Kind.ELEMENT, List.of(Torch.arange(3))))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("2 losses");
      assertThatThrownBy(() -> new LossTerms(two, LossTerms.Kind.ALREADY_REDUCED, List.of()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("single value");
      assertThatThrownBy(() -> new ThresholdReducer(null, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("at least one");
    }
  }

  @Test
  void refusesWhatItCannotReduce() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor embeddings = Torch.randn(2, 2);
      LossTerms two = elements(1, 2);
      ClassWeightedReducer weighted = new ClassWeightedReducer(1, 2, 3);
      assertThatThrownBy(() -> weighted.reduce(two, embeddings, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("ClassWeightedReducer needs labels");
      assertThatThrownBy(() -> weighted.reduce(two, embeddings, Tensor.of(new long[] {0, 3}, 2)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("3 class weights are for labels from 0 to 2, but there is a label 3");
      assertThatThrownBy(() -> weighted.reduce(two, embeddings, Tensor.of(new long[] {-1, 1}, 2)))
          .hasMessageContaining("there is a label -1");
      assertThatThrownBy(() -> new ClassWeightedReducer(List.of()))
          .hasMessageContaining("one number or more");
      assertThatThrownBy(() -> new ClassWeightedReducer(1, Double.NaN))
          .hasMessageContaining("one number or more");
      assertThatThrownBy(() -> new DivisorReducer().reduce(two, embeddings, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("needs a loss that gives a divisor");
      Tensor place = Torch.arange(2);
      LossTerms triplets =
          new LossTerms(Torch.randn(2), LossTerms.Kind.TRIPLET, List.of(place, place, place));
      assertThatThrownBy(() -> new PerAnchorReducer().reduce(triplets, embeddings, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not of triplets");
    }
  }

  @Test
  void labelsOfAnyIntegerTypeChooseWeights() {
    try (TensorScope scope = TensorScope.open()) {
      for (DType type : List.of(DType.UINT8, DType.INT8, DType.INT16, DType.INT32, DType.INT64)) {
        Tensor labels = Tensor.of(new long[] {1, 0}, 2).to(type);
        Tensor reduced =
            new ClassWeightedReducer(10, 100).reduce(elements(1, 2), Torch.randn(2, 2), labels);
        assertThat(reduced.item()).as(type.torchName()).isEqualTo((100 + 20) / 2);
      }
    }
  }

  private static LossTerms elements(double... losses) {
    return new LossTerms(
        Tensor.of(losses, losses.length),
        LossTerms.Kind.ELEMENT,
        List.of(Torch.arange(losses.length)));
  }
}
