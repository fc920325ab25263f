package dev.tripoint.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.tensor.DType;
import dev.tripoint.verify.Comparison.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a comparison calls equal, explained and different. */
class ComparisonTest {

  private static Comparison loss(double ours, double given, double exact, DType dtype) {
    return Comparison.all(
            Map.of("loss", new double[] {ours}),
            new Answer(
                "it", Map.of("loss", new double[] {given}), Map.of("loss", new double[] {exact})),
            dtype)
        .getFirst();
  }

  @Test
  void valuesAreMeasuredAgainstOneOrTheirSize() {
    assertThat(loss(1000.01, 1000, 1000, DType.FLOAT32).difference())
        .isCloseTo(1e-5, org.assertj.core.api.Assertions.within(1e-9));
    assertThat(loss(0.01, 0, 0, DType.FLOAT32).verdict()).isEqualTo(Verdict.DIFFERENT);
    assertThat(loss(1 + 1e-5, 1, 1, DType.FLOAT32).verdict()).isEqualTo(Verdict.EQUAL);
    assertThat(loss(1 + 1e-5, 1, 1, DType.FLOAT64).verdict()).isEqualTo(Verdict.DIFFERENT);
  }

  @Test
  void aReferenceThatIsTheLessExactExplainsTheDifference() {
    Comparison explained = loss(1, 1.001, 1 + 1e-7, DType.FLOAT32);
    assertThat(explained.verdict()).isEqualTo(Verdict.EXPLAINED);
    assertThat(explained.nearer()).isEqualTo("ours");
    assertThat(loss(1.001, 1, 1, DType.FLOAT32).nearer()).isEqualTo("reference");
    assertThat(loss(1, 1, 1, DType.FLOAT32).nearer()).isEqualTo("both");
  }

  @Test
  void notANumberOnOneSideIsADifference() {
    assertThat(loss(Double.NaN, 1, 1, DType.FLOAT32).verdict()).isEqualTo(Verdict.DIFFERENT);
    assertThat(loss(Double.NaN, Double.NaN, Double.NaN, DType.FLOAT32).verdict())
        .isEqualTo(Verdict.EQUAL);
  }

  @Test
  void gradientsAreMeasuredAgainstTheirLargestEntry() {
    Map<String, double[]> reference = Map.of("gradient x", new double[] {100, 0});
    List<Comparison> found =
        Comparison.all(
            Map.of("gradient x", new double[] {100, 0.05}),
            new Answer("it", reference, reference),
            DType.FLOAT32);
    assertThat(found.getFirst().difference()).isEqualTo(5e-4);
    assertThat(found.getFirst().verdict()).isEqualTo(Verdict.EQUAL);
  }

  @Test
  void pairsAreTwoSets() {
    Map<String, double[]> ours =
        Map.of(
            "anchor_positive", new double[] {0, 1},
            "positive", new double[] {1, 0},
            "anchor_negative", new double[] {0},
            "negative", new double[] {2});
    Map<String, double[]> reference =
        Map.of(
            "anchor_positive", new double[] {1, 0},
            "positive", new double[] {0, 1},
            "anchor_negative", new double[] {0},
            "negative", new double[] {3});
    List<Comparison> found = Comparison.all(ours, new Answer("it", reference, ours), DType.FLOAT32);
    assertThat(found).extracting(Comparison::difference).containsExactly(0.0, 2.0);
    assertThat(found.get(1).verdict()).isEqualTo(Verdict.EXPLAINED);
  }

  @Test
  void whatOnlyOneSideHasIsSaid() {
    Answer answer = new Answer("it", Map.of("loss", new double[1]), Map.of("loss", new double[1]));
    assertThatThrownBy(() -> Comparison.all(Map.of("lost", new double[1]), answer, DType.FLOAT32))
        .isInstanceOf(VerifyException.class)
        .hasMessageContainingAll("[loss]", "[lost]");
    assertThatThrownBy(() -> Comparison.all(Map.of("loss", new double[2]), answer, DType.FLOAT32))
        .hasMessageContaining("loss has 1 numbers in the reference, and 2 in ours");
  }
}
