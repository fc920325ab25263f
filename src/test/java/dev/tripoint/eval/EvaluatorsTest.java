package dev.tripoint.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the parity cases of sentence-transformers' evaluators cannot say. */
class EvaluatorsTest {
  private static final List<long[]> ONE = List.of(new long[] {2, 2, 0}, new long[0]);

  @Test
  void relevantDocumentsAreASet() {
    try (TensorScope _ = TensorScope.open()) {
      Map<String, Double> found =
          new InformationRetrievalEvaluator()
              .include(List.of(AtK.of("recall@1"), AtK.of("precision@2"), AtK.of("recall@1")))
              .evaluate(
                  Tensor.of(new float[] {1, 0, 0, 1}, 2, 2),
                  Tensor.of(new float[] {1, 0, 0, 1, 1, 1}, 3, 2),
                  ONE);
      assertThat(found).containsExactly(Map.entry("recall@1", 0.5), Map.entry("precision@2", 1.0));
    }
  }

  @Test
  void withoutRelevantDocumentsNothingIsMeasured() {
    try (TensorScope _ = TensorScope.open()) {
      Map<String, Double> found =
          new InformationRetrievalEvaluator()
              .evaluate(
                  Tensor.of(new float[] {1, 0}, 1, 2),
                  Tensor.of(new float[] {1, 0}, 1, 2),
                  List.of(new long[0]));
      assertThat(found).hasSize(15);
      assertThat(found.values()).allMatch(value -> value.isNaN());
    }
  }

  @Test
  void wrongDocumentsAreRefused() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor rows = Tensor.of(new float[] {1, 0, 0, 1}, 2, 2);
      var evaluator = new InformationRetrievalEvaluator();
      assertThatThrownBy(() -> evaluator.evaluate(rows, rows, ONE))
          .hasMessageContaining("relevant document 2 of query 0 is no row of a corpus of 2");
      assertThatThrownBy(() -> evaluator.evaluate(rows, rows, List.of()))
          .hasMessageContaining("2 queries and relevant documents of 0");
      Tensor bad = Tensor.of(new float[] {1, 0, 0, Float.NaN}, 2, 2);
      assertThatThrownBy(() -> evaluator.evaluate(rows, bad, List.of(new long[1], new long[0])))
          .hasMessageContaining("row 1 of the documents holds NaN");
      for (String name : new String[] {"ndcg", "ndcg@0", "ndcg@x", "ndgc@10", "NDCG@10", "@1"}) {
        assertThatThrownBy(() -> AtK.of(name)).hasMessageContaining("accuracy@K, precision@K");
      }
    }
  }

  @Test
  void thresholdsThatRoundingCannotHalveStayAtTheScore() {
    double above = Math.nextUp(1.0);
    var found =
        BinaryClassificationEvaluator.measures(
            new double[] {above, 1.0}, new boolean[] {true, false}, true);
    assertThat(found.accuracyThreshold()).isGreaterThan(1.0).isLessThanOrEqualTo(above);
    assertThat(found.f1()).isEqualTo(1);
    assertThat(found.mcc()).isEqualTo(1);
    assertThatThrownBy(
            () -> BinaryClassificationEvaluator.measures(new double[0], new boolean[0], true))
        .hasMessageContaining("one at least");
  }

  @Test
  void cosinesOfHugeAndTinyRows() {
    try (TensorScope _ = TensorScope.open()) {
      double[] scores =
          PairScores.of(
              SimilarityFunction.COSINE,
              Tensor.of(new double[] {1e300, 1e300, 1e-310, 0, 0, 0}, 3, 2),
              Tensor.of(new double[] {1e300, 0, 1, 0, 1, 0}, 3, 2));
      assertThat(scores).containsExactly(new double[] {Math.sqrt(0.5), 1, 0}, within(1e-12));
      assertThatThrownBy(() ->
              PairScores.of(
                  SimilarityFunction.DOT,
                  Tensor.of(new float[] {1, 2}, 1, 2),
                  Tensor.of(new float[] {1, 2, 3, 4}, 2, 2)))
          .hasMessageContaining("there are 1 rows of the left, but 2 rows of the right");
    }
  }

  @Test
  void similaritiesHaveWords() {
    for (String word : SimilarityFunction.words()) {
      assertThat(SimilarityFunction.of(word).word()).isEqualTo(word);
    }
    assertThatThrownBy(() -> SimilarityFunction.of("cosin"))
        .hasMessageContaining("there are cosine, dot, euclidean, manhattan");
  }
}
