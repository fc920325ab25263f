package dev.tripoint.compat.st;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.tensor.Device;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * For each query its own document against all other documents of the batch: the mean of −s(q, d⁺) +
 * log Σ exp s, each similarity times {@code scale}: {@code st.MultipleNegativesRankingLoss}, known
 * as InfoNCE or in-batch negatives. Negatives of the caller's own, any number of matrices, are
 * documents too.
 *
 * <p>Queries against documents alone, on the CPU, by cosine or dot product and without hardness run
 * on the operator {@code tripoint::multiple_negatives}, which holds the scores of some queries at a
 * time and has no second derivative. All else holds the scores of the whole batch; {@link
 * CachedMultipleNegativesRankingLoss} gives the same value and gradient in blocks.
 *
 * @param scale what similarities are multiplied by, the inverse of a temperature; above 0, 20 by
 *     default
 * @param similarityFct where greater means closer; {@link SimilarityFunction#COSINE} by default
 * @param directions what is compared; {@link Direction#QUERY_TO_DOC} alone by default, and always
 *     among them
 * @param partitionMode {@link PartitionMode#JOINT} by default
 * @param hardnessMode which negatives count more the more similar they are; null, the default, for
 *     none
 * @param hardnessStrength by how much: the strength times the similarity is added to a scaled
 *     similarity, without gradient; 0 by default
 */
public record MultipleNegativesRankingLoss(
    double scale,
    Distance similarityFct,
    Set<Direction> directions,
    PartitionMode partitionMode,
    @Nullable HardnessMode hardnessMode,
    double hardnessStrength) {

  /** What is compared with what. */
  public enum Direction {
    /** A query with all documents, its own among them. */
    QUERY_TO_DOC,
    /** A query with the other queries. */
    QUERY_TO_QUERY,
    /** A query's document with all queries. */
    DOC_TO_QUERY,
    /** A query's document with the documents of other queries. */
    DOC_TO_DOC
  }

  /** How several directions are put together. */
  public enum PartitionMode {
    /** All similarities stand under one logarithm. */
    JOINT,
    /** The mean of the directions' losses; each must then hold the query's own document. */
    PER_DIRECTION
  }

  /** Which negatives {@code hardnessStrength} is for. */
  public enum HardnessMode {
    /** The documents of other queries. */
    IN_BATCH_NEGATIVES,
    /** The query's own negatives. */
    HARD_NEGATIVES,
    /** Both. */
    ALL_NEGATIVES
  }

  private static final Op MULTIPLE_NEGATIVES = Op.of("tripoint::multiple_negatives");

  private static final Set<Direction> WITHOUT_OWN =
      EnumSet.of(Direction.QUERY_TO_QUERY, Direction.DOC_TO_DOC);

  /**
   * @throws IllegalArgumentException if the scale is not above 0, the strength is negative, the
   *     similarity is a distance, or the directions do not fit together
   */
  public MultipleNegativesRankingLoss {
    if (!(scale > 0)) {
      throw new IllegalArgumentException("scale must be greater than 0, but is " + scale);
    }
    if (!(hardnessStrength >= 0)) {
      throw new IllegalArgumentException(
          "hardness_strength must be 0 or more, but is " + hardnessStrength);
    }
    if (!similarityFct.isInverted()) {
      throw new IllegalArgumentException(
          "similarity_fct must be a similarity, where greater means closer");
    }
    directions = Set.copyOf(directions);
    if (!directions.contains(Direction.QUERY_TO_DOC)) {
      throw new IllegalArgumentException(
          "directions must have query_to_doc among them, which holds the positive pair");
    }
    if (partitionMode == PartitionMode.PER_DIRECTION
        && directions.stream().anyMatch(WITHOUT_OWN::contains)) {
      throw new IllegalArgumentException(
          "partition_mode per_direction cannot go with query_to_query or doc_to_doc, which do not hold the positive pair");
    }
  }

  public MultipleNegativesRankingLoss() {
    this(20);
  }

  public MultipleNegativesRankingLoss(double scale) {
    this(
        scale,
        SimilarityFunction.COSINE,
        EnumSet.of(Direction.QUERY_TO_DOC),
        PartitionMode.JOINT,
        null,
        0);
  }

  public MultipleNegativesRankingLoss withSimilarityFct(Distance similarityFct) {
    return new MultipleNegativesRankingLoss(
        scale, similarityFct, directions, partitionMode, hardnessMode, hardnessStrength);
  }

  public MultipleNegativesRankingLoss with(Set<Direction> directions, PartitionMode partitionMode) {
    return new MultipleNegativesRankingLoss(
        scale, similarityFct, directions, partitionMode, hardnessMode, hardnessStrength);
  }

  public MultipleNegativesRankingLoss withHardness(
      @Nullable HardnessMode hardnessMode, double hardnessStrength) {
    return new MultipleNegativesRankingLoss(
        scale, similarityFct, directions, partitionMode, hardnessMode, hardnessStrength);
  }

  /**
   * The loss of rows.
   *
   * @param anchor queries: floats, [N, D]
   * @param positive their documents: floats of the same dtype, [N, D]
   * @param negatives further documents of each query, any number of matrices [N, D]
   * @return a single value
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor anchor, Tensor positive, Tensor... negatives) {
    Rows.require(anchor, positive, negatives);
    return Rows.scoped(() -> {
      Tensor documents = documents(positive, negatives);
      String similarity = isPlain() && anchor.device().equals(Device.CPU) ? word() : null;
      return similarity == null
          ? part(anchor, documents, 0, anchor.size(0))
          : MULTIPLE_NEGATIVES.callTensor(anchor, documents, scale, similarity);
    });
  }

  /** Whether queries are compared with documents and nothing else counts. */
  private boolean isPlain() {
    return directions.size() == 1
        && (hardnessMode == null || hardnessStrength == 0)
        && Double.isFinite(scale);
  }

  /** The operator's word for the similarity, null where it does not have it. */
  private @Nullable String word() {
    if (similarityFct instanceof SimilarityFunction known) {
      return switch (known) {
        case COSINE, DOT_PRODUCT -> known.word();
        case EUCLIDEAN, MANHATTAN -> null;
      };
    }
    OperatorDistance known = OperatorDistance.of(similarityFct);
    return known == null ? null : known.word();
  }

  /** The documents one below the other: the positives, then each matrix of negatives. */
  static Tensor documents(Tensor positive, Tensor... negatives) {
    if (negatives.length == 0) {
      return positive;
    }
    List<Tensor> all = new ArrayList<>();
    all.add(positive);
    all.addAll(List.of(negatives));
    return Torch.cat(all, 0);
  }

  /** What the queries from {@code begin} to {@code end} add to the mean over all of them. */
  Tensor part(Tensor queries, Tensor documents, long begin, long end) {
    long rows = queries.size(0);
    long columns = documents.size(0) / Math.max(rows, 1);
    Tensor places = Torch.arange(rows);
    // Which queries, and which of each matrix of documents, are the row's own.
    Tensor own = places.narrow(0, begin, end - begin).unsqueeze(1).eq(places.unsqueeze(0));
    Tensor query = queries.narrow(0, begin, end - begin);
    Tensor document = documents.narrow(0, begin, end - begin);
    List<Tensor> scores = new ArrayList<>();
    Tensor similarities = similarityFct.matrix(query, documents);
    Tensor toDocuments = similarities.mul(scale);
    if (hardnessMode != null && hardnessStrength > 0) {
      toDocuments = toDocuments.add(penalty(hardnessMode, similarities, own, columns));
    }
    scores.add(toDocuments);
    if (directions.contains(Direction.QUERY_TO_QUERY)) {
      scores.add(without(own, similarityFct.matrix(query, queries)).mul(scale));
    }
    if (directions.contains(Direction.DOC_TO_QUERY)) {
      scores.add(similarityFct.matrix(queries, document).t().mul(scale));
    }
    if (directions.contains(Direction.DOC_TO_DOC)) {
      Tensor theirs = repeated(own, columns);
      scores.add(without(theirs, similarityFct.matrix(documents, document).t()).mul(scale));
    }
    Tensor positive =
        toDocuments.gather(1, places.narrow(0, begin, end - begin).unsqueeze(1)).squeeze(1);
    return logOfSums(scores).sub(positive).sum().div((double) rows);
  }

  private Tensor logOfSums(List<Tensor> scores) {
    if (partitionMode == PartitionMode.JOINT) {
      return (scores.size() == 1 ? scores.getFirst() : Torch.cat(scores, 1)).logsumexp(1, false);
    }
    return scores.stream()
        .map(each -> each.logsumexp(1, false))
        .reduce(Tensor::add)
        .orElseThrow()
        .div((double) scores.size());
  }

  /** What makes similar negatives count more; 0 where a document is none of those meant. */
  private Tensor penalty(HardnessMode mode, Tensor similarities, Tensor own, long columns) {
    Tensor left = mode == HardnessMode.HARD_NEGATIVES ? Torch.onesLike(own) : own;
    if (columns > 1) {
      Tensor further =
          switch (mode) {
            case HARD_NEGATIVES -> own.logicalNot();
            case IN_BATCH_NEGATIVES -> own;
            case ALL_NEGATIVES -> Torch.zerosLike(own);
          };
      left = Torch.cat(List.of(left, repeated(further, columns - 1)), 1);
    }
    return similarities.detach().mul(hardnessStrength).maskedFill(left, 0);
  }

  private static Tensor without(Tensor mask, Tensor similarities) {
    return similarities.maskedFill(mask, Double.NEGATIVE_INFINITY);
  }

  private static Tensor repeated(Tensor mask, long times) {
    return times == 1 ? mask : Torch.cat(Collections.nCopies((int) times, mask), 1);
  }
}
