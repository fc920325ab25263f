package dev.tripoint.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.compat.online.BatchHard;
import dev.tripoint.compat.st.BatchHardSoftMarginTripletLoss;
import dev.tripoint.compat.st.BatchHardTripletLossDistanceFunction;
import dev.tripoint.miner.BatchHardMiner;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorException;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LossGradientTest {
  private static final double[] ROWS = {0, 0, 1, 0, 0, 2, 3, 1, 4, -1, 0.5, 2.5};
  private static final long[] CLASSES = {0, 0, 1, 1, 2, 2};

  private TensorScope scope;
  private Tensor embeddings;
  private Tensor labels;

  @BeforeEach
  void open() {
    scope = TensorScope.open();
    embeddings = Tensor.of(ROWS, 6, 2);
    labels = Tensor.of(CLASSES, 6);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  /** Those whose operator gives the gradient, and those by autograd. */
  static Stream<Loss> losses() {
    return Stream.of(
        new BatchHard(0.5),
        new BatchHardSoftMarginTripletLoss(BatchHardTripletLossDistanceFunction.COSINE_DISTANCE),
        new NTXentLoss(),
        new SupConLoss(0.5),
        new TripletMarginLoss(0.5),
        new TripletMarginLoss(0.5).withSwap(true),
        new MultipleLosses(Map.of("one", new MultipleLosses.Weighted(new BatchHard(1), 2, null))));
  }

  private double[] byBackward(Loss loss) {
    Tensor leaf = embeddings.detach().requiresGrad(true);
    loss.forward(leaf, labels).backward();
    return leaf.grad().toDoubleArray();
  }

  @ParameterizedTest
  @MethodSource("losses")
  void leavesTheEmbeddingsAndTheirGradientAlone(Loss loss) {
    double[] expected = byBackward(loss);
    Tensor leaf = embeddings.detach().requiresGrad(true);
    leaf.grad(Torch.ones(DType.FLOAT64, 6, 2));
    LossGradient found = loss.lossAndGradient(leaf, labels);
    assertThat(found.gradient().toDoubleArray()).isEqualTo(expected);
    assertThat(found.loss().requiresGrad()).isFalse();
    assertThat(found.gradient().requiresGrad()).isFalse();
    assertThat(leaf.grad().toDoubleArray()).containsOnly(1);
    assertThat(loss.forward(leaf, labels).requiresGrad()).as("recorded again").isTrue();
    assertThat(leaf.requiresGrad()).isTrue();
    loss.lossAndGradient(embeddings, labels);
    assertThat(embeddings.requiresGrad()).isFalse();
    assertThat(embeddings.grad()).isNull();
  }

  @ParameterizedTest
  @MethodSource("losses")
  void worksWhereNothingIsRecorded(Loss loss) {
    double[] expected = byBackward(loss);
    try (Autograd.Mode _ = Autograd.noGrad()) {
      assertThat(loss.lossAndGradient(embeddings, labels).gradient().toDoubleArray())
          .isEqualTo(expected);
      assertThat(Autograd.isGradEnabled()).isFalse();
    }
  }

  @ParameterizedTest
  @MethodSource("losses")
  void bothBelongToTheOpenScopeAndNothingElseStays(Loss loss) {
    LossGradient found;
    try (TensorScope _ = TensorScope.open()) {
      try (TensorScope inner = TensorScope.open()) {
        found = loss.lossAndGradient(embeddings, labels);
        inner.keep(found.gradient());
      }
      assertThat(found.loss().isClosed()).isTrue();
      assertThat(found.gradient().isClosed()).isFalse();
    }
    assertThat(found.gradient().isClosed()).isTrue();
  }

  @Test
  void aGraphGoesOnFromTheGradient() {
    Tensor weight = Torch.eye(2).to(DType.FLOAT64).requiresGrad(true);
    Tensor points = embeddings.mm(weight);
    new BatchHard(0.5).forward(points, labels).backward();
    double[] expected = weight.grad().toDoubleArray();
    weight.grad(null);
    Tensor again = embeddings.mm(weight);
    LossGradient found = new BatchHard(0.5).lossAndGradient(again, labels);
    again.backward(found.gradient(), false, false);
    assertThat(weight.grad().toDoubleArray()).isEqualTo(expected);
  }

  @Test
  void minedTuplesAndReferences() {
    Loss loss = new TripletMarginLoss(0.5);
    Tensor leaf = embeddings.detach().requiresGrad(true);
    IndexTuples tuples = new BatchHardMiner().forward(leaf, labels);
    Relation relation = Relation.of(labels);
    Tensor value = loss.compute(leaf, relation, tuples, null).loss();
    value.backward();
    LossGradient found = loss.lossAndGradient(embeddings, relation, tuples, null);
    assertThat(found.loss().item()).isEqualTo(value.item());
    assertThat(found.gradient().toDoubleArray()).isEqualTo(leaf.grad().toDoubleArray());

    leaf.grad(null);
    Relation both = Relation.of(labels, labels);
    loss.compute(leaf, both, null, leaf).loss().backward();
    assertThat(loss.lossAndGradient(embeddings, both, null, embeddings).gradient().toDoubleArray())
        .isEqualTo(leaf.grad().toDoubleArray());
  }

  @Test
  void aLossWithoutGradientHasOneOfZeros() {
    Loss constant = (rows, relation, tuples, refEmb) -> new LossResult(Torch.ones(), Map.of());
    LossGradient found = constant.lossAndGradient(embeddings, labels);
    assertThat(found.loss().item()).isEqualTo(1);
    assertThat(found.gradient().toDoubleArray()).containsOnly(0).hasSize(12);
  }

  @Test
  void theGradientOfASumIsWritable() {
    Loss sum = (rows, relation, tuples, refEmb) -> new LossResult(rows.sum(), Map.of());
    Tensor gradient = sum.lossAndGradient(embeddings, labels).gradient();
    assertThat(gradient.strides()).containsExactly(2, 1);
  }

  @Test
  void moreThanOneValueIsRefused() {
    Loss rows = (x, relation, tuples, refEmb) -> new LossResult(x.sum(1), Map.of());
    assertThatThrownBy(() -> rows.lossAndGradient(embeddings, labels))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("scalar");
  }

  @Test
  void inInferenceModeOnlyOperatorsHaveIt() {
    double[] expected = byBackward(new BatchHard(0.5));
    try (Autograd.Mode _ = Autograd.inferenceMode()) {
      assertThat(new BatchHard(0.5).lossAndGradient(embeddings, labels).gradient().toDoubleArray())
          .isEqualTo(expected);
      Loss byAutograd = new TripletMarginLoss(0.5).withSwap(true);
      assertThatThrownBy(() -> byAutograd.lossAndGradient(embeddings, labels))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("inference mode");
    }
  }

  @Test
  void anOperatorThatGivesOtherResultsIsRefused() {
    assertThatThrownBy(() -> LossGradient.from(Op.of("aten::relu"), embeddings))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("aten::relu has not 2 results");
    assertThatThrownBy(() -> Op.of("aten::relu_").callTensors(1, embeddings))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("aten::relu_ writes to its arguments");
    assertThatThrownBy(() -> Op.of("aten::item").callTensors(1, Torch.ones()))
        .isInstanceOf(TensorException.class)
        .hasMessageContaining("gave no tensor");
  }
}
