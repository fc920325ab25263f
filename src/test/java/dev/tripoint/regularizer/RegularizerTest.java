package dev.tripoint.regularizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.loss.LossResult;
import dev.tripoint.loss.TripletMarginLoss;
import dev.tripoint.reducer.SumReducer;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import org.junit.jupiter.api.Test;

/** A regularizer of one's own, what is refused, and losses that have one. */
class RegularizerTest {

  @Test
  void aLambdaIsARegularizer() {
    try (TensorScope scope = TensorScope.open()) {
      Tensor rows = Tensor.of(new double[] {1, 2, 3, 4}, 2, 2);
      Tensor labels = Tensor.of(new long[] {0, 1}, 2);
      LossResult result =
          new TripletMarginLoss()
              .with(each -> each.square().sum(), 0.5)
              .compute(rows, labels, null, null, null);
      assertThat(result.loss().item()).isEqualTo(15);
      assertThat(result.stats()).containsEntry("embedding_reg_loss", 15.0);
    }
  }

  @Test
  void withGivesANewOne() {
    LpRegularizer old = new LpRegularizer();
    LpRegularizer changed = old.withP(1).withPower(3).with(new SumReducer());
    assertThat(old).isEqualTo(new LpRegularizer(2, 1));
    assertThat(changed).isEqualTo(new LpRegularizer(1, 3, new SumReducer()));
  }

  @Test
  void refusesWhatDoesNotFit() {
    assertThatThrownBy(() -> new LpRegularizer(-1, 1)).hasMessageContaining("p must be 0 or more");
    assertThatThrownBy(() -> new CenterInvariantRegularizer().with(new LpDistance()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("does not normalize");
    assertThatThrownBy(() -> new CenterInvariantRegularizer().with(new CosineSimilarity()))
        .hasMessageContaining("must be an LpDistance");
    assertThatThrownBy(() -> new RegularFaceRegularizer().with(new LpDistance()))
        .hasMessageContaining("must be a similarity");
    assertThatThrownBy(() -> new SparseCentersRegularizer(2, 2).with(new LpDistance()))
        .hasMessageContaining("must be a CosineSimilarity");
    assertThatThrownBy(() -> new SparseCentersRegularizer(2, 1)).hasMessageContaining("2 or more");
    assertThatThrownBy(() -> new SparseCentersRegularizer(0, 2)).hasMessageContaining("1 or more");
    try (TensorScope scope = TensorScope.open()) {
      assertThatThrownBy(() -> new SparseCentersRegularizer(2, 2).forward(Torch.randn(5, 2)))
          .hasMessage("2 classes with 2 centers each need 4 rows, but there are 5");
      assertThatThrownBy(() -> new LpRegularizer().forward(Torch.randn(5)))
          .hasMessageContaining("two dimensions");
    }
  }
}
