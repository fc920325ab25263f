package dev.tripoint.miner;

import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Index helpers for miners and losses, after {@code
 * pytorch_metric_learning.utils.loss_and_miner_utils} 2.9, with its orders: pairs and triplets come
 * sorted by anchor, then positive, then negative. Labels may be of any integer dtype.
 *
 * <p>Where {@code refLabels} is null or the same object as {@code labels}, a row is no positive of
 * itself.
 *
 * <p>What would not fit into memory is refused with an IllegalArgumentException that tells the
 * count, before it is allocated.
 */
public final class MinerUtils {

  /**
   * Bytes for each entry of the label matrix: two masks, and an index pair that both passes through
   * nonzero.
   */
  private static final int BYTES_PER_CELL = 34;

  private static final Op SEARCH = Op.of("aten::searchsorted.Tensor");
  private static final Op MULTINOMIAL = Op.of("aten::multinomial");
  private static final Op STABLE_ARGSORT = Op.of("aten::argsort.stable");

  private MinerUtils() {}

  /** All pairs of one class and all pairs of two classes. */
  public static Pairs getAllPairsIndices(Tensor labels, @Nullable Tensor refLabels) {
    return getAllPairsIndices(Relation.of(labels, refLabels));
  }

  /** All pairs of positives and all pairs of negatives. */
  public static Pairs getAllPairsIndices(Relation relation) {
    return getAllPairsIndices(relation, FreeMemory.bytes());
  }

  /** All chosen pairs of an anchor and a positive, and of an anchor and a negative. */
  public static Pairs getAllPairsIndices(Relation.Matches chosen) {
    try (TensorScope scope = TensorScope.open()) {
      return pairs(chosen).map(scope::keep);
    }
  }

  static Pairs getAllPairsIndices(Relation relation, long available) {
    requireCells(relation, available);
    try (TensorScope scope = TensorScope.open()) {
      return pairs(relation.matches()).map(scope::keep);
    }
  }

  /** All triplets of an anchor, another of its class, and one of another class. */
  public static Triplets getAllTripletsIndices(Tensor labels, @Nullable Tensor refLabels) {
    return getAllTripletsIndices(Relation.of(labels, refLabels));
  }

  /** All triplets of an anchor, a positive and a negative of it. */
  public static Triplets getAllTripletsIndices(Relation relation) {
    return getAllTripletsIndices(relation, FreeMemory.bytes());
  }

  /** All triplets of an anchor, one of its chosen positives and one of its chosen negatives. */
  public static Triplets getAllTripletsIndices(Relation.Matches chosen) {
    return triplets(chosen, FreeMemory.bytes());
  }

  static Triplets getAllTripletsIndices(Relation relation, long available) {
    requireCells(relation, available);
    try (TensorScope scope = TensorScope.open()) {
      return triplets(relation.matches(), available).map(scope::keep);
    }
  }

  private static Triplets triplets(Relation.Matches by, long available) {
    try (TensorScope scope = TensorScope.open()) {
      Pairs pairs = pairs(by);
      Tensor negatives = by.diffs().sum(1);
      Tensor firsts = negatives.cumsum(0).sub(negatives);
      return Expansion.of(
              negatives.indexSelect(0, pairs.anchorPositive()),
              firsts.indexSelect(0, pairs.anchorPositive()),
              available)
          .triplets(pairs.anchorPositive(), pairs.positive(), pairs.negative())
          .map(scope::keep);
    }
  }

  /**
   * Random triplets. For each anchor that has a positive and a negative, {@code perAnchor}
   * positives and as many negatives are drawn with replacement and put side by side; anchors come
   * class by class. With the same seed the draws are those of the source.
   *
   * @param labels any integers, [N]
   * @param refLabels any integers, [M], or null
   * @param perAnchor how many for each anchor; empty for as many as the class has references
   * @param generator where the draws come from; null for LibTorch's global generator
   */
  public static Triplets getRandomTripletIndices(
      Tensor labels,
      @Nullable Tensor refLabels,
      OptionalInt perAnchor,
      @Nullable Generator generator) {
    return getRandomTripletIndices(Relation.of(labels, refLabels), perAnchor, generator);
  }

  /**
   * Random triplets. By labels as in {@link #getRandomTripletIndices(Tensor, Tensor, OptionalInt,
   * Generator)}; by masks, anchor by anchor, so that other draws come of the same seed, equal in
   * distribution.
   */
  public static Triplets getRandomTripletIndices(
      Relation relation, OptionalInt perAnchor, @Nullable Generator generator) {
    return getRandomTripletIndices(relation, perAnchor, null, generator);
  }

  /**
   * Random triplets whose negatives are drawn by weight. An anchor whose negatives have no weight
   * gives none.
   *
   * @param weights floats, [N, M], not negative; of any sum in a row; null for negatives that are
   *     equally likely
   */
  public static Triplets getRandomTripletIndices(
      Relation relation,
      OptionalInt perAnchor,
      @Nullable Tensor weights,
      @Nullable Generator generator) {
    return switch (relation) {
      case Relation.Labels by -> randomByClass(by, perAnchor, weights, generator);
      case Relation.Masks _, Relation.Bits _, Relation.Partial _ ->
          randomByAnchor(relation, perAnchor, weights, generator);
    };
  }

  private static Triplets randomByAnchor(
      Relation relation,
      OptionalInt perAnchor,
      @Nullable Tensor weights,
      @Nullable Generator generator) {
    try (TensorScope scope = TensorScope.open()) {
      Relation.Matches by = relation.matches();
      List<Triplets> found = new ArrayList<>();
      for (long i = 0; i < relation.rows(); i++) {
        Tensor positives = by.matches().select(0, i).nonzero().select(1, 0);
        Tensor negatives = by.diffs().select(0, i).nonzero().select(1, 0);
        if (positives.numel() < 1 || negatives.numel() < 1) {
          continue;
        }
        // As many as the anchor's class would have references, itself among them.
        long count =
            perAnchor.isPresent()
                ? perAnchor.getAsInt()
                : positives.numel() + (relation.self() ? 1 : 0);
        Tensor anchor = Torch.arange(1).add(i).expand(count);
        Tensor positive = Torch.randint(positives.numel(), generator, count);
        found.add(
            withNegatives(
                anchor, positives.indexSelect(0, positive), negatives, weights, generator));
      }
      return joined(found).map(scope::keep);
    }
  }

  private static Triplets randomByClass(
      Relation.Labels relation,
      OptionalInt perAnchor,
      @Nullable Tensor weights,
      @Nullable Generator generator) {
    Tensor labels = relation.labels();
    Tensor ref = relation.ref();
    boolean same = relation.self();
    try (TensorScope scope = TensorScope.open()) {
      List<Triplets> found = new ArrayList<>();
      Tensor classes = labels.unique();
      for (long i = 0; i < classes.numel(); i++) {
        Tensor label = classes.select(0, i);
        Tensor inClass = ref.eq(label);
        Tensor positives = inClass.nonzero().select(1, 0);
        Tensor anchors = same ? positives : labels.eq(label).nonzero().select(1, 0);
        Tensor negatives = inClass.logicalNot().nonzero().select(1, 0);
        long choices = positives.numel() - (same ? 1 : 0);
        if (choices < 1 || negatives.numel() < 1) {
          continue;
        }
        long each = perAnchor.isPresent() ? perAnchor.getAsInt() : positives.numel();
        long count = anchors.numel() * each;
        Tensor positive = Torch.randint(choices, generator, count);
        Tensor anchor = Torch.arange(anchors.numel()).repeatInterleave(each, 0);
        if (same) {
          // The anchor is not among its positives: those behind it move up by one.
          positive = positive.add(positive.ge(anchor));
        }
        found.add(
            withNegatives(
                anchors.indexSelect(0, anchor),
                positives.indexSelect(0, positive),
                negatives,
                weights,
                generator));
      }
      return joined(found).map(scope::keep);
    }
  }

  /** Draws one negative for each anchor and positive. */
  private static Triplets withNegatives(
      Tensor anchor,
      Tensor positive,
      Tensor negatives,
      @Nullable Tensor weights,
      @Nullable Generator generator) {
    if (weights == null) {
      Tensor drawn = Torch.randint(negatives.numel(), generator, anchor.numel());
      return new Triplets(anchor, positive, negatives.indexSelect(0, drawn));
    }
    Tensor chances = weights.indexSelect(1, negatives).indexSelect(0, anchor);
    // False for NaN as well.
    Tensor possible = chances.sum(1).gt(0).nonzero().select(1, 0);
    if (possible.numel() == 0) {
      return none();
    }
    Tensor drawn = drawn(chances.indexSelect(0, possible), 1, generator).select(1, 0);
    return new Triplets(
        anchor.indexSelect(0, possible),
        positive.indexSelect(0, possible),
        negatives.indexSelect(0, drawn));
  }

  /** Indices of the last dimension, drawn by weight and with replacement. */
  static Tensor drawn(Tensor weights, long count, @Nullable Generator generator) {
    boolean half = weights.dtype() == DType.FLOAT16 || weights.dtype() == DType.BFLOAT16;
    return MULTINOMIAL.callTensor(
        half ? weights.to(DType.FLOAT32) : weights, count, true, generator);
  }

  private static Triplets joined(List<Triplets> found) {
    if (found.isEmpty()) {
      return none();
    }
    return new Triplets(
        Torch.cat(found.stream().map(Triplets::anchor).toList(), 0),
        Torch.cat(found.stream().map(Triplets::positive).toList(), 0),
        Torch.cat(found.stream().map(Triplets::negative).toList(), 0));
  }

  /**
   * Pairs of whatever tuples there are: all pairs of the relation where there are none. New handles
   * in any case.
   *
   * @param tuples what a miner found, or null
   * @param relation may be null where there are tuples
   */
  public static Pairs convertToPairs(@Nullable IndexTuples tuples, @Nullable Relation relation) {
    return switch (tuples) {
      case null -> getAllPairsIndices(required(relation));
      case Pairs pairs -> pairs.map(Tensor::retain);
      case Triplets t ->
          new Pairs(t.anchor(), t.positive(), t.anchor(), t.negative()).map(Tensor::retain);
    };
  }

  /**
   * Triplets of whatever tuples there are. Where there are none, those of the relation: all, or
   * {@code perAnchor} random ones for each anchor. Pairs become one triplet for each positive and
   * negative pair that share their anchor. New handles in any case.
   *
   * @param tuples what a miner found, or null
   * @param relation may be null where there are tuples
   * @param perAnchor how many to draw for each anchor; empty for all triplets
   * @param generator where the draws come from; null for LibTorch's global generator
   */
  public static Triplets convertToTriplets(
      @Nullable IndexTuples tuples,
      @Nullable Relation relation,
      OptionalInt perAnchor,
      @Nullable Generator generator) {
    return switch (tuples) {
      case null ->
          perAnchor.isPresent()
              ? getRandomTripletIndices(required(relation), perAnchor, generator)
              : getAllTripletsIndices(required(relation));
      case Triplets triplets -> triplets.map(Tensor::retain);
      case Pairs pairs -> joinOnAnchor(pairs, FreeMemory.bytes());
    };
  }

  /**
   * How often each row of the batch stands in the tuples, as a part of the most frequent row's
   * count. Where there are no tuples, or none in them, each row weighs 1.
   *
   * @param tuples what a miner found, or null
   * @param rows how many embeddings there are
   * @param dtype of the weights, a floating-point one
   * @param references whether positives and negatives index references, so that anchors alone count
   * @return [rows]
   */
  public static Tensor convertToWeights(
      @Nullable IndexTuples tuples, long rows, DType dtype, boolean references) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      List<Tensor> counted =
          switch (tuples) {
            case null -> List.of();
            case Pairs p when references -> List.of(p.anchorPositive(), p.anchorNegative());
            case Triplets t when references -> List.of(t.anchor());
            case IndexTuples all -> all.tensors();
          };
      Tensor indices = counted.isEmpty() ? Torch.arange(0) : Torch.cat(counted, 0);
      if (indices.numel() == 0) {
        return scope.keep(Torch.ones(dtype, rows));
      }
      Tensor counts = Torch.zeros(DType.INT64, rows).indexAdd(0, indices, Torch.onesLike(indices));
      return scope.keep(counts.to(dtype).div(counts.max()));
    }
  }

  static Triplets joinOnAnchor(Pairs pairs, long available) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      Tensor order = STABLE_ARGSORT.callTensor(pairs.anchorNegative(), true, 0, false);
      Tensor sorted = pairs.anchorNegative().indexSelect(0, order);
      Tensor anchors = pairs.anchorPositive().contiguous();
      Tensor first = SEARCH.callTensor(sorted, anchors, false, false);
      Tensor counts = SEARCH.callTensor(sorted, anchors, false, true).sub(first);
      return Expansion.of(counts, first, available)
          .triplets(anchors, pairs.positive(), pairs.negative().indexSelect(0, order))
          .map(scope::keep);
    }
  }

  /** No triplets at all. */
  static Triplets none() {
    return new Triplets(Torch.arange(0), Torch.arange(0), Torch.arange(0));
  }

  private static Pairs pairs(Relation.Matches by) {
    List<Tensor> positive = Torch.where(by.matches());
    List<Tensor> negative = Torch.where(by.diffs());
    return new Pairs(positive.get(0), positive.get(1), negative.get(0), negative.get(1));
  }

  private static void requireCells(Relation relation, long available) {
    FreeMemory.require(
        "pairs", (double) relation.rows() * relation.columns(), BYTES_PER_CELL, available);
  }

  private static Relation required(@Nullable Relation relation) {
    if (relation == null) {
      throw new IllegalArgumentException("labels and tuples cannot both be missing");
    }
    return relation;
  }
}
