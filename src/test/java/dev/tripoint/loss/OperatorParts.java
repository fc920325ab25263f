package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.DotProductSimilarity;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.reducer.AvgNonZeroReducer;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.SumReducer;
import java.util.List;

/** Distances and reducers that operators have, and the same distances where they do not know it. */
final class OperatorParts {
  private OperatorParts() {}

  static final List<Distance> DISTANCES =
      List.of(
          new LpDistance(),
          new LpDistance(2, 1, false),
          new LpDistance(2, 2, false),
          new CosineSimilarity(),
          new DotProductSimilarity().withNormalizeEmbeddings(false));

  static final List<Reducer> REDUCERS =
      List.of(new AvgNonZeroReducer(), new MeanReducer(), new SumReducer());

  /** Only a distance that is known by name goes to an operator. */
  static Distance unnamed(Distance distance) {
    return distance.isInverted()
        ? Distance.similarity(distance)
        : (query, ref) -> distance.matrix(query, ref);
  }
}
