package dev.tripoint.miner;

import dev.tripoint.tensor.Autograd;
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
  private static final Op STABLE_ARGSORT = Op.of("aten::argsort.stable");

  private MinerUtils() {}

  /**
   * Which rows and references share a class.
   *
   * @param matches bool, [N, M]: of one class, and not a row with itself
   * @param diffs bool, [N, M]: of different classes
   */
  public record MatchesAndDiffs(Tensor matches, Tensor diffs) {}

  /** Compares each label, [N], with each reference's, [M]. */
  public static MatchesAndDiffs getMatchesAndDiffs(Tensor labels, @Nullable Tensor refLabels) {
    Inputs.requireLabels("labels", labels);
    if (refLabels != null) {
      Inputs.requireLabels("refLabels", refLabels);
    }
    Tensor ref = refLabels == null ? labels : refLabels;
    try (TensorScope scope = TensorScope.open()) {
      Tensor matches = labels.unsqueeze(1).eq(ref.unsqueeze(0));
      Tensor diffs = matches.logicalNot();
      if (ref.equals(labels)) {
        matches.fillDiagonal_(0);
      }
      return new MatchesAndDiffs(scope.keep(matches), scope.keep(diffs));
    }
  }

  /** All pairs of one class and all pairs of two classes. */
  public static Pairs getAllPairsIndices(Tensor labels, @Nullable Tensor refLabels) {
    return getAllPairsIndices(labels, refLabels, FreeMemory.bytes());
  }

  static Pairs getAllPairsIndices(Tensor labels, @Nullable Tensor refLabels, long available) {
    requireCells(labels, refLabels, available);
    try (TensorScope scope = TensorScope.open()) {
      MatchesAndDiffs by = getMatchesAndDiffs(labels, refLabels);
      return pairs(by).map(scope::keep);
    }
  }

  /** All triplets of an anchor, another of its class, and one of another class. */
  public static Triplets getAllTripletsIndices(Tensor labels, @Nullable Tensor refLabels) {
    return getAllTripletsIndices(labels, refLabels, FreeMemory.bytes());
  }

  static Triplets getAllTripletsIndices(Tensor labels, @Nullable Tensor refLabels, long available) {
    requireCells(labels, refLabels, available);
    try (TensorScope scope = TensorScope.open()) {
      MatchesAndDiffs by = getMatchesAndDiffs(labels, refLabels);
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
    Inputs.requireLabels("labels", labels);
    if (refLabels != null) {
      Inputs.requireLabels("refLabels", refLabels);
    }
    Tensor ref = refLabels == null ? labels : refLabels;
    boolean same = ref.equals(labels);
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
        Tensor negative = Torch.randint(negatives.numel(), generator, count);
        found.add(
            new Triplets(
                anchors.indexSelect(0, anchor),
                positives.indexSelect(0, positive),
                negatives.indexSelect(0, negative)));
      }
      if (found.isEmpty()) {
        return none().map(scope::keep);
      }
      return new Triplets(
              Torch.cat(found.stream().map(Triplets::anchor).toList(), 0),
              Torch.cat(found.stream().map(Triplets::positive).toList(), 0),
              Torch.cat(found.stream().map(Triplets::negative).toList(), 0))
          .map(scope::keep);
    }
  }

  /**
   * Pairs of whatever tuples there are: all pairs of the labels where there are none. New handles
   * in any case.
   */
  public static Pairs convertToPairs(
      @Nullable IndexTuples tuples, @Nullable Tensor labels, @Nullable Tensor refLabels) {
    return switch (tuples) {
      case null -> getAllPairsIndices(requireLabels(labels), refLabels);
      case Pairs pairs -> pairs.map(Tensor::retain);
      case Triplets t ->
          new Pairs(t.anchor(), t.positive(), t.anchor(), t.negative()).map(Tensor::retain);
    };
  }

  /**
   * Triplets of whatever tuples there are. Where there are none, those of the labels: all, or
   * {@code perAnchor} random ones for each anchor. Pairs become one triplet for each positive and
   * negative pair that share their anchor. New handles in any case.
   *
   * @param tuples what a miner found, or null
   * @param labels any integers, [N]; may be null where there are tuples
   * @param refLabels any integers, [M], or null
   * @param perAnchor how many to draw for each anchor; empty for all triplets
   * @param generator where the draws come from; null for LibTorch's global generator
   */
  public static Triplets convertToTriplets(
      @Nullable IndexTuples tuples,
      @Nullable Tensor labels,
      @Nullable Tensor refLabels,
      OptionalInt perAnchor,
      @Nullable Generator generator) {
    return switch (tuples) {
      case null -> {
        Tensor required = requireLabels(labels);
        yield perAnchor.isPresent()
            ? getRandomTripletIndices(required, refLabels, perAnchor, generator)
            : getAllTripletsIndices(required, refLabels);
      }
      case Triplets triplets -> triplets.map(Tensor::retain);
      case Pairs pairs -> joinOnAnchor(pairs, FreeMemory.bytes());
    };
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

  private static Pairs pairs(MatchesAndDiffs by) {
    List<Tensor> positive = Torch.where(by.matches());
    List<Tensor> negative = Torch.where(by.diffs());
    return new Pairs(positive.get(0), positive.get(1), negative.get(0), negative.get(1));
  }

  private static void requireCells(Tensor labels, @Nullable Tensor refLabels, long available) {
    double cells =
        (double) labels.numel() * (refLabels == null ? labels.numel() : refLabels.numel());
    FreeMemory.require("pairs", cells, BYTES_PER_CELL, available);
  }

  private static Tensor requireLabels(@Nullable Tensor labels) {
    if (labels == null) {
      throw new IllegalArgumentException("labels and tuples cannot both be missing");
    }
    return labels;
  }
}
