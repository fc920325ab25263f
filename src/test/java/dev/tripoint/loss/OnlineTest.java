package dev.tripoint.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.compat.online.BatchAll;
import dev.tripoint.compat.online.BatchHard;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorException;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The sample that online-triplet-loss prints in its documentation, label types, and second
 * derivatives.
 */
class OnlineTest {

  private static final float[] NINE = {
    1.5905f, 1.0234f, 0.5070f, -1.1889f, -0.2513f, 1.4140f, -1.3998f, -0.5610f, -1.8737f, 2.1783f
  };
  private static final float[] ZERO = {
    -1.3731f, -0.9758f, -0.8194f, 0.7589f, -2.7509f, 1.5812f, 0.7562f, -0.7153f, -2.0529f, 0.3074f
  };
  private static final float[] SIX = {
    1.4821f, -0.6232f, -0.1070f, -0.3533f, -0.5412f, 1.6558f, 0.6346f, -0.0507f, -1.1239f, -1.7728f
  };

  private static Tensor embeddings() {
    float[] rows = new float[50];
    float[][] parts = {NINE, NINE, ZERO, SIX, SIX};
    for (int i = 0; i < parts.length; i++) {
      System.arraycopy(parts[i], 0, rows, 10 * i, 10);
    }
    return Tensor.of(rows, 5, 10).requiresGrad(true);
  }

  private static Tensor labels() {
    return Tensor.of(new long[] {9, 9, 0, 6, 6}, 5);
  }

  @Test
  void thePrintedSample() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor hard = new BatchHard(100).forward(embeddings(), labels());
      assertThat(hard.item()).isCloseTo(95.2992, within(5e-5));
      hard.backward();
      LossResult all = new BatchAll(100).compute(embeddings(), labels(), null, null, null);
      assertThat(all.loss().item()).isCloseTo(94.9889, within(5e-5));
      assertThat(all.stats()).containsExactly(java.util.Map.entry("fraction_positive", 1.0));
      all.loss().backward();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UINT8", "INT8", "INT16", "INT32", "INT64"})
  void labelsOfAnyIntegerType(DType dtype) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor labels = labels().to(dtype);
      assertThat(new BatchHard(100).forward(embeddings(), labels).item())
          .isCloseTo(95.2992, within(5e-5));
      assertThat(new BatchAll(100).forward(embeddings(), labels).item())
          .isCloseTo(94.9889, within(5e-5));
    }
  }

  @Test
  void anEmptyBatchIsRefusedOrCostsNothingAsInTheSource() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor none = Torch.zeros(DType.FLOAT32, 0, 3).requiresGrad(true);
      Tensor labels = Torch.arange(0);
      assertThatThrownBy(() -> new BatchHard(1).forward(none, labels))
          .isInstanceOf(TensorException.class);
      LossResult all = new BatchAll(1).compute(none, labels, null, null, null);
      assertThat(all.loss().item()).isZero();
      assertThat(all.stats()).containsEntry("fraction_positive", 0.0);
      Tensor triplet = new TripletMarginLoss(1).forward(none, labels);
      assertThat(triplet.item()).isZero();
      triplet.backward();
      assertThat(none.grad().sizes()).containsExactly(0, 3);
    }
  }

  @Test
  void pairsThatAreIgnoredBesideLabelsCountForNothing() {
    try (TensorScope scope = TensorScope.open()) {
      Torch.manualSeed(5);
      Tensor x = Torch.randn(6, 3);
      Tensor labels = Tensor.of(new int[] {0, 0, 0, 1, 1, 1}, 6);
      Tensor same = labels.unsqueeze(1).eq(labels.unsqueeze(0));
      Tensor ignored = Torch.randn(6, 6).gt(0.4);
      Relation beside = Relation.of(labels, null, ignored);
      Relation byMask = Relation.ofMask(same, ignored);
      for (Loss loss : List.of(new BatchHard(2), new BatchAll(2))) {
        double expected = loss.forward(x, byMask).item();
        assertThat(loss.forward(x, beside).item()).isEqualTo(expected);
        assertThat(loss.forward(x, labels).item()).isNotEqualTo(expected);
      }
    }
  }

  @Test
  void thereIsNoSecondDerivative() {
    try (TensorScope scope = TensorScope.open()) {
      for (Loss loss : new Loss[] {new BatchHard(100), new BatchAll(100)}) {
        Tensor x = embeddings();
        List<Tensor> value = List.of(loss.forward(x, labels()));
        Tensor grad = Autograd.grad(value, List.of(x), null, true, true, false).getFirst();
        assertThat(grad.requiresGrad()).isFalse();
        assertThatThrownBy(() -> grad.square().sum().backward())
            .isInstanceOf(TensorException.class)
            .hasMessageContaining("does not require grad");
      }
    }
  }
}
