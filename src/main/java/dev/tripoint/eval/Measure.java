package dev.tripoint.eval;

import java.util.Arrays;
import java.util.List;

/** What {@link AccuracyCalculator} measures, by pytorch-metric-learning's names. */
public enum Measure {
  /** The share of queries whose nearest reference is relevant; also called recall at 1. */
  PRECISION_AT_1("precision_at_1", true),
  /** Of a query's R nearest references the share that is relevant, R the number that are. */
  R_PRECISION("r_precision", true),
  /**
   * The precision of the first i references, added up over the places i that hold a relevant one,
   * over R.
   */
  MEAN_AVERAGE_PRECISION("mean_average_precision", true),
  /** The same over the R nearest alone: MAP@R. */
  MEAN_AVERAGE_PRECISION_AT_R("mean_average_precision_at_r", true),
  /** One over the place of the nearest relevant reference; 0 where none is among the k nearest. */
  MEAN_RECIPROCAL_RANK("mean_reciprocal_rank", true),
  /** Adjusted mutual information of labels and clusters. */
  AMI("AMI", false),
  /** Normalised mutual information of labels and clusters. */
  NMI("NMI", false);

  private final String word;
  private final boolean retrieval;

  Measure(String word, boolean retrieval) {
    this.word = word;
    this.retrieval = retrieval;
  }

  /** The reference's name of it. */
  public String word() {
    return word;
  }

  /** Whether it is a mean over queries; else it is one of clusters. */
  public boolean isOfRetrieval() {
    return retrieval;
  }

  /** The reference's names of all. */
  public static List<String> words() {
    return Arrays.stream(values()).map(Measure::word).toList();
  }

  /** How many places count, of a query of so many relevant references and the first {@code k}. */
  int depth(int relevant, int k) {
    return switch (this) {
      case PRECISION_AT_1 -> 1;
      case R_PRECISION, MEAN_AVERAGE_PRECISION_AT_R -> Math.min(relevant, k);
      case MEAN_AVERAGE_PRECISION, MEAN_RECIPROCAL_RANK -> k;
      case AMI, NMI -> 0;
    };
  }

  /** What a query whose relevant references stand at these places has, of the first {@code k}. */
  double of(int[] places, int k) {
    int relevant = places.length;
    int most = Math.min(relevant, k);
    return switch (this) {
      case PRECISION_AT_1 -> places[0] == 1 ? 1 : 0;
      case R_PRECISION -> (double) RankMeasures.hits(places, most) / most;
      case MEAN_AVERAGE_PRECISION -> RankMeasures.precisions(places, k) / relevant;
      case MEAN_AVERAGE_PRECISION_AT_R -> RankMeasures.precisions(places, most) / relevant;
      case MEAN_RECIPROCAL_RANK -> RankMeasures.reciprocalRank(places, k);
      case AMI, NMI -> throw new IllegalStateException(word + " is not of single queries");
    };
  }
}
