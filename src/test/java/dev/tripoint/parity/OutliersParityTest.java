package dev.tripoint.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.loss.ClassWeights;
import dev.tripoint.loss.SubCenterArcFaceLoss;
import dev.tripoint.tensor.TensorScope;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows far from their class, against pytorch-metric-learning's sub-center loss. */
class OutliersParityTest {

  static Stream<ParityCase> cases() {
    return ParityCase.of("SubCenterArcFaceLoss.get_outliers");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void findsWhatTheReferenceFinds(ParityCase c) {
    try (TensorScope scope = TensorScope.open()) {
      var loss =
          new SubCenterArcFaceLoss(
              c.json().get("centers").asLong(), new ClassWeights(c.input("weights")));
      SubCenterArcFaceLoss.Outliers found =
          loss.outliers(
              c.input("embeddings"), c.input("labels"), c.json().get("threshold").asDouble());
      assertThat(found.indices().toLongArray())
          .isEqualTo(ParityCase.longs(c.expect().get("outliers")));
      Differences.values(c, "dominant", found.dominantCenters(), c.expect().get("dominant"));
    }
  }
}
