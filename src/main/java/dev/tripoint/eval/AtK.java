package dev.tripoint.eval;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A measure of the first {@code k} documents that a query finds, by sentence-transformers' names:
 * {@code ndcg@10}.
 *
 * @param kind what is measured
 * @param k of how many documents; 1 or more
 */
public record AtK(Kind kind, int k) {
  private static final Pattern NAME = Pattern.compile("([a-z]+)@([1-9][0-9]{0,8})");

  /** What is measured. */
  public enum Kind {
    /** The share of queries that find a relevant document. */
    ACCURACY,
    /** The relevant documents found, over k. */
    PRECISION,
    /** The relevant documents found, over all relevant ones. */
    RECALL,
    /** The discounted gain of those found, over the greatest there can be. */
    NDCG,
    /** One over the place of the first relevant document; 0 where none is found. */
    MRR,
    /** The precisions at the places of those found, over min(k, all relevant ones). */
    MAP;

    /** As a user writes it. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @throws IllegalArgumentException if {@code k} is below 1
   */
  public AtK {
    if (k < 1) {
      throw new IllegalArgumentException("k must be 1 or more, but is " + k);
    }
  }

  /**
   * Of a name like {@code ndcg@10}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static AtK of(String name) {
    Matcher matcher = NAME.matcher(name);
    if (matcher.matches()) {
      for (Kind kind : Kind.values()) {
        if (kind.word().equals(matcher.group(1))) {
          return new AtK(kind, Integer.parseInt(matcher.group(2)));
        }
      }
    }
    List<String> words = Arrays.stream(Kind.values()).map(kind -> kind.word() + "@K").toList();
    throw new IllegalArgumentException(
        "there is no measure '%s' of information retrieval; there are %s"
            .formatted(name, String.join(", ", words)));
  }

  /** What a query whose relevant documents stand at these places has. */
  double of(int[] places) {
    return switch (kind) {
      case ACCURACY -> places[0] <= k ? 1 : 0;
      case PRECISION -> (double) RankMeasures.hits(places, k) / k;
      case RECALL -> (double) RankMeasures.hits(places, k) / places.length;
      case NDCG -> RankMeasures.gain(places, k) / RankMeasures.idealGain(places.length, k);
      case MRR -> RankMeasures.reciprocalRank(places, k);
      case MAP -> RankMeasures.precisions(places, k) / Math.min(k, places.length);
    };
  }

  @Override
  public String toString() {
    return kind.word() + "@" + k;
  }
}
