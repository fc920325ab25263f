package dev.tripoint.compat.online;

import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;

/** The distance of both losses. */
final class OnlineDistance {

  /** Differences, not products: exact near zero, where the gradient is 0. */
  private static final long WITHOUT_PRODUCTS = 2;

  private static final Op CDIST = Op.of("aten::cdist");

  private OnlineDistance() {}

  /** The operators' word for it. */
  static String word(boolean squared) {
    return squared ? "sqeuclidean" : "euclidean";
  }

  /** All pairs, [N, N]. */
  static Tensor matrix(Tensor embeddings, boolean squared) {
    Tensor distances = CDIST.callTensor(embeddings, embeddings, 2.0, WITHOUT_PRODUCTS);
    return squared ? distances.square() : distances;
  }
}
