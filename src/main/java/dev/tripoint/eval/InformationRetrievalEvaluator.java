package dev.tripoint.eval;

import dev.tripoint.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * How well queries find their relevant documents in a corpus: {@code InformationRetrievalEvaluator}
 * of sentence-transformers 6.2 over matrices, exact, with memory for a few lines of scores beside
 * the rows.
 *
 * <p>Documents are ranked by (score, index); there by (score, name). Queries without a relevant
 * document are left out of the means; where none is left they are NaN.
 *
 * @param measures what is measured, in this order
 * @param similarity what makes a document near; cosine by default
 */
public record InformationRetrievalEvaluator(List<AtK> measures, SimilarityFunction similarity) {

  /** Each measure once, as a list that nobody can change. */
  public InformationRetrievalEvaluator {
    measures = List.copyOf(new LinkedHashSet<>(measures));
  }

  /**
   * The source's own measures: MRR and NDCG at 10, accuracy, precision, recall at 1, 3, 5, 10, MAP
   * at 100.
   */
  public InformationRetrievalEvaluator() {
    this(List.of(10), List.of(10), List.of(1, 3, 5, 10), List.of(1, 3, 5, 10), List.of(100));
  }

  /** The source's measures of these numbers of documents. */
  public InformationRetrievalEvaluator(
      List<Integer> mrrAtK,
      List<Integer> ndcgAtK,
      List<Integer> accuracyAtK,
      List<Integer> precisionRecallAtK,
      List<Integer> mapAtK) {
    this(
        Stream.of(
                at(AtK.Kind.ACCURACY, accuracyAtK),
                at(AtK.Kind.PRECISION, precisionRecallAtK),
                at(AtK.Kind.RECALL, precisionRecallAtK),
                at(AtK.Kind.NDCG, ndcgAtK),
                at(AtK.Kind.MRR, mrrAtK),
                at(AtK.Kind.MAP, mapAtK))
            .flatMap(each -> each)
            .toList(),
        SimilarityFunction.COSINE);
  }

  /** With another idea of what is near. */
  public InformationRetrievalEvaluator with(SimilarityFunction similarity) {
    return new InformationRetrievalEvaluator(measures, similarity);
  }

  /** These measures alone. */
  public InformationRetrievalEvaluator include(List<AtK> wanted) {
    return new InformationRetrievalEvaluator(wanted, similarity);
  }

  /**
   * Measures.
   *
   * @param queries floats, [Q, D], finite
   * @param corpus floats, [C, D], finite
   * @param relevant for each query the rows of the corpus that are relevant, in any order
   * @return the means of the queries by measure, named {@code ndcg@10} and the like
   * @throws IllegalArgumentException if shapes do not fit, a value is NaN or infinite, or a
   *     relevant row is none of the corpus
   */
  public Map<String, Double> evaluate(Tensor queries, Tensor corpus, List<long[]> relevant) {
    RowSource wanted = RowSource.of("queries", queries);
    RowSource documents = RowSource.of("documents", corpus);
    if (relevant.size() != wanted.rows()) {
      throw new IllegalArgumentException(
          "%d queries and relevant documents of %d".formatted(wanted.rows(), relevant.size()));
    }
    int[][] rows = new int[relevant.size()][];
    Arrays.setAll(rows, query -> rows(query, relevant.get(query), documents.rows()));
    double[][] found = new double[measures.size()][rows.length];
    int depth = measures.stream().mapToInt(AtK::k).max().orElse(0);
    Ranking.of(similarity, wanted, documents)
        .forEachQuery(
            depth,
            false,
            query -> rows[query],
            (query, places) -> {
              for (int m = 0; m < found.length; m++) {
                found[m][query] = measures.get(m).of(places);
              }
            });
    long counted = Arrays.stream(rows).filter(each -> each.length > 0).count();
    Map<String, Double> means = new LinkedHashMap<>();
    for (int m = 0; m < found.length; m++) {
      means.put(measures.get(m).toString(), Arrays.stream(found[m]).sum() / counted);
    }
    return means;
  }

  private static Stream<AtK> at(AtK.Kind kind, List<Integer> counts) {
    return counts.stream().map(k -> new AtK(kind, k));
  }

  private static int[] rows(int query, long[] relevant, int documents) {
    Set<Long> distinct = new LinkedHashSet<>();
    for (long row : relevant) {
      if (row < 0 || row >= documents) {
        throw new IllegalArgumentException(
            "relevant document %d of query %d is no row of a corpus of %d"
                .formatted(row, query, documents));
      }
      distinct.add(row);
    }
    return distinct.stream().mapToInt(Long::intValue).sorted().toArray();
  }
}
