package dev.tripoint.miner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the index helpers refuse, and what the parity cases leave open. */
class MinerUtilsTest {

  @Test
  void tripletsPastMemoryAreRefusedWithTheirCount() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor labels = Tensor.of(new long[] {0, 0, 0, 0, 1, 1, 1, 1}, 8);
      long each = 32;
      long triplets = 8 * 3 * 4;
      assertThatThrownBy(
              () -> MinerUtils.getAllTripletsIndices(Relation.of(labels), each * triplets - 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("96 triplets");
      assertThat(MinerUtils.getAllTripletsIndices(Relation.of(labels), each * triplets).count())
          .isEqualTo(triplets);
    }
  }

  @Test
  void aBatchWhosePairsExceedThisMachineIsRefusedAtOnce() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor labels = Torch.arange(3_000_000);
      assertThatThrownBy(() -> MinerUtils.getAllTripletsIndices(labels, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("9,000,000,000,000 pairs");
      assertThatThrownBy(() -> MinerUtils.getAllPairsIndices(labels, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("GiB");
    }
  }

  @Test
  void pairsThatJoinIntoTooManyTripletsAreRefused() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor anchor = Tensor.of(new long[100], 100);
      Tensor other = Torch.arange(100);
      Pairs pairs = new Pairs(anchor, other, anchor, other);
      assertThatThrownBy(() -> MinerUtils.joinOnAnchor(pairs, 32 * 9_999))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("10,000 triplets");
      assertThat(MinerUtils.joinOnAnchor(pairs, 32 * 10_000).count()).isEqualTo(10_000);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"UINT8", "INT8", "INT16", "INT32", "INT64", "BOOL"})
  void labelsOfAnyIntegerType(DType dtype) {
    try (TensorScope scope = TensorScope.open()) {
      Tensor labels = Tensor.of(new long[] {1, 0, 1, 1}, 4).to(dtype);
      Triplets all = MinerUtils.getAllTripletsIndices(labels, null);
      assertThat(all.anchor().toLongArray()).containsExactly(0, 0, 2, 2, 3, 3);
      assertThat(all.positive().toLongArray()).containsExactly(2, 3, 0, 3, 0, 2);
      assertThat(all.negative().toLongArray()).containsOnly(1);
      Triplets drawn = MinerUtils.getRandomTripletIndices(labels, null, OptionalInt.of(2), null);
      assertThat(drawn.anchor().toLongArray()).containsExactly(0, 0, 2, 2, 3, 3);
    }
  }

  @Test
  void theSameLabelsInAnotherTensorAreReferences() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor labels = Tensor.of(new long[] {4, 5}, 2);
      Tensor others = Tensor.of(new long[] {4, 5}, 2);
      assertThat(MinerUtils.getAllPairsIndices(labels, labels).positive().numel()).isZero();
      assertThat(MinerUtils.getAllPairsIndices(labels, others).positive().toLongArray())
          .containsExactly(0, 1);
    }
  }

  @Test
  void labelsThatAreNoneAreNamed() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor floats = Tensor.of(new float[] {1, 2}, 2);
      Tensor square = Tensor.of(new long[] {1, 2, 3, 4}, 2, 2);
      assertThatThrownBy(() -> MinerUtils.getAllPairsIndices(floats, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("labels must be integers of one dimension, but is float32 of shape [2]");
      assertThatThrownBy(() -> MinerUtils.getAllPairsIndices(Torch.arange(2), square))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("refLabels")
          .hasMessageContaining("[2, 2]");
      assertThatThrownBy(() -> MinerUtils.convertToTriplets(null, null, OptionalInt.empty(), null))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void convertedTuplesAreHandlesOfTheirOwn() {
    try (TensorScope scope = TensorScope.open()) {
      Triplets given = new Triplets(Torch.arange(2), Torch.arange(2), Torch.arange(2));
      Pairs pairs = MinerUtils.convertToPairs(given, null);
      given.close();
      assertThat(pairs.anchorNegative().toLongArray()).containsExactly(0, 1);
      pairs.close();
    }
  }

  @Test
  void tuplesOfDifferentLengthsAreRefused() {
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(() -> new Triplets(Torch.arange(2), Torch.arange(2), Torch.arange(3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("anchor and negative must be equally many, but are 2 and 3");
      Tensor ints = Torch.arange(2).to(DType.INT32);
      assertThatThrownBy(() -> new Pairs(ints, ints, ints, ints))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("int32");
    }
  }
}
