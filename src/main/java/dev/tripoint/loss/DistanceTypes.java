package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.SNRDistance;

/** The distances that some losses insist on, as their sources do. */
final class DistanceTypes {

  private DistanceTypes() {}

  /** Euclidean between normalised rows, to any power. */
  static LpDistance requireNormalizedEuclidean(String who, Distance distance) {
    if (distance instanceof LpDistance lp && lp.p() == 2 && lp.normalizeEmbeddings()) {
      return lp;
    }
    throw new IllegalArgumentException(
        who + " needs an LpDistance with p 2 and normalised embeddings");
  }

  static void requireCosine(String who, Distance distance) {
    if (!(distance instanceof CosineSimilarity)) {
      throw new IllegalArgumentException(who + " needs a CosineSimilarity");
    }
  }

  static void requireSimilarity(String who, Distance distance) {
    if (!distance.isInverted()) {
      throw new IllegalArgumentException(who + " needs a similarity, where greater means closer");
    }
  }

  static void requireSignalToNoise(String who, Distance distance) {
    if (!(distance instanceof SNRDistance)) {
      throw new IllegalArgumentException(who + " needs an SNRDistance");
    }
  }
}
