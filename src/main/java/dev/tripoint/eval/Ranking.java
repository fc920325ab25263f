package dev.tripoint.eval;

import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * References ranked for each query by (score, index), as {@link RowScores} has them. Where only the
 * first few places count, {@code tripoint::top_k} finds them without looking at all scores.
 *
 * @param queries as they are compared: divided by their norms, or both sides times one power of two
 * @param references the same object where rows are compared among themselves
 */
record Ranking(SimilarityFunction by, RowSource queries, RowSource references) {
  private static final Op TOP_K = Op.of("tripoint::top_k");

  /** Of more references for each place, the operator is the faster way. */
  private static final int REFERENCES_OF_PLACE = 4;

  private static final int MOST_QUERIES = 1 << 14;
  private static final int MOST_FOUND = 1 << 21;

  /** Takes one query's places; called from several threads, once a query. */
  @FunctionalInterface
  interface Visitor {
    /**
     * One query.
     *
     * @param places of its relevant rows, from 1, ascending; beyond the depth they may be {@link
     *     Integer#MAX_VALUE}
     */
    void visit(int query, int[] places);
  }

  /**
   * Of rows as they are.
   *
   * @throws IllegalArgumentException if the rows are of several lengths
   */
  static Ranking of(SimilarityFunction by, RowSource queries, RowSource references) {
    references.requireSameWidth(queries);
    if (by.isOfUnitRows()) {
      RowSource unit = queries.unit();
      return new Ranking(by, unit, queries == references ? unit : references.unit());
    }
    int exponent = queries.exponent();
    if (queries == references) {
      RowSource scaled = queries.scaled(exponent);
      return new Ranking(by, scaled, scaled);
    }
    int both = Math.min(exponent, references.exponent());
    return new Ranking(by, queries.scaled(both), references.scaled(both));
  }

  /**
   * Visits every query that has relevant rows, in parallel and in no particular order.
   *
   * @param depth how many places count
   * @param included whether query i is reference i, which takes no place then
   * @param relevant the relevant rows of a query, ascending, the query perhaps among them
   */
  void forEachQuery(int depth, boolean included, IntFunction<int[]> relevant, Visitor visitor) {
    if (by != SimilarityFunction.MANHATTAN && isShort(depth)) {
      forEachFirst(depth, included, relevant, visitor);
      return;
    }
    Tiles tiles = Tiles.of(queries);
    Tiles others = queries == references ? tiles : Tiles.of(references);
    new RowScores(by, tiles, others)
        .forEachQuery((query, line) -> {
          int[] rows = relevant.apply(query);
          if (rows.length > 0) {
            visitor.visit(query, Places.of(line, rows, included ? query : -1));
          }
        });
  }

  private boolean isShort(int depth) {
    return depth < references.rows() / REFERENCES_OF_PLACE;
  }

  private void forEachFirst(
      int depth, boolean included, IntFunction<int[]> relevant, Visitor visitor) {
    int count = depth + 1; // the query itself may be one of them
    int size = Math.clamp(MOST_FOUND / count, 1, MOST_QUERIES);
    long[] order = inOrder(relevant);
    try (TensorScope _ = TensorScope.open()) {
      Tensor all = queries.toTensor();
      Tensor corpus = queries == references ? all : references.toTensor();
      for (int from = 0; from < order.length; from += size) {
        long[] some = Arrays.copyOfRange(order, from, Math.min(from + size, order.length));
        long[] found = first(all, some, corpus, count);
        IntStream.range(0, some.length)
            .parallel()
            .forEach(q -> {
              int query = (int) some[q];
              long[] own = Arrays.copyOfRange(found, q * count, (q + 1) * count);
              visitor.visit(query, Places.among(own, relevant.apply(query), included ? query : -1));
            });
      }
    }
  }

  /**
   * The queries that have relevant rows. Those with the same ones come one after the other: much of
   * what is near to one is near to the next, and still in the processor's cache.
   */
  private long[] inOrder(IntFunction<int[]> relevant) {
    return IntStream.range(0, queries.rows())
        .filter(query -> relevant.apply(query).length > 0)
        .boxed()
        .sorted(Comparator.comparingInt(query -> relevant.apply(query)[0]))
        .mapToLong(Integer::longValue)
        .toArray();
  }

  private long[] first(Tensor all, long[] some, Tensor corpus, int count) {
    String distance =
        switch (by) {
          case COSINE, DOT -> "dot";
          case EUCLIDEAN, NORMALIZED_EUCLIDEAN -> "sqeuclidean";
          case MANHATTAN -> throw new IllegalStateException("the operator has no such distance");
        };
    try (TensorScope _ = TensorScope.open()) {
      Tensor asked = all.indexSelect(0, Tensor.of(some, some.length));
      return ((Tensor) TOP_K.call(asked, corpus, count, distance).get(1)).toLongArray();
    }
  }
}
