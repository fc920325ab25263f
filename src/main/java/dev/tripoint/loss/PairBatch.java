package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * The pairs of a batch and all its distances: what the losses over pairs start from. Source
 * followed: {@code GenericPairLoss} of pytorch-metric-learning 2.9. Pairs of labels or masks stay
 * masks until a loss asks for indices, so no matrix is ever larger than [N, M].
 *
 * @param mat floats, [N, M]
 * @param positives pairs that belong together
 * @param negatives pairs that do not
 */
record PairBatch(Tensor mat, PairSide positives, PairSide negatives) {

  /**
   * The pairs that were given, else those of the relation, with what a distance makes of the batch.
   *
   * @return empty where there is nothing to learn from: as in the source, where there is at most
   *     one pair of either side
   */
  static Optional<PairBatch> of(LossInput input, Distance distance) {
    PairSide positives;
    PairSide negatives;
    if (input.tuples() == null) {
      Relation.Matches by = input.requireRelation("a loss over pairs without tuples").matches();
      positives = new PairSide.Masked(by.matches());
      negatives = new PairSide.Masked(by.diffs());
    } else {
      Pairs pairs = input.pairs();
      long rows = input.embeddings().size(0);
      long columns = input.refEmb().size(0);
      positives =
          new PairSide.Given(List.of(pairs.anchorPositive(), pairs.positive()), rows, columns);
      negatives =
          new PairSide.Given(List.of(pairs.anchorNegative(), pairs.negative()), rows, columns);
    }
    if (positives.count() <= 1 && negatives.count() <= 1) {
      return Optional.empty();
    }
    return Optional.of(
        new PairBatch(distance.matrix(input.embeddings(), input.refEmb()), positives, negatives));
  }

  /** Whether there are positives as well as negatives. */
  boolean hasBothSides() {
    return positives.count() > 0 && negatives.count() > 0;
  }

  /**
   * Both sides as masks, each pair once.
   *
   * @throws IllegalArgumentException if a pair was given as a positive and as a negative
   */
  Relation.Matches masks() {
    Tensor positive = positives.mask();
    Tensor negative = negatives.mask();
    if (positives instanceof PairSide.Given && positive.logicalAnd(negative).any().itemBoolean()) {
      throw new IllegalArgumentException(
          "a pair must be either positive or negative, but one is given as both");
    }
    return new Relation.Matches(positive, negative);
  }

  /**
   * The terms of a loss that takes each pair by itself: {@code pos_loss} and {@code neg_loss}.
   *
   * @param positive from the distances of the positive pairs, [P], to a loss each
   * @param negative from the distances of the negative pairs, [Q], to a loss each
   */
  static Map<String, LossTerms> eachPair(
      LossInput input,
      Distance distance,
      UnaryOperator<Tensor> positive,
      UnaryOperator<Tensor> negative) {
    Optional<PairBatch> batch = of(input, distance);
    LossTerms none = LossTerms.none(input.embeddings());
    Map<String, LossTerms> terms = new LinkedHashMap<>();
    terms.put(
        "pos_loss",
        batch
            .flatMap(b ->
                b.each(b.positives, LossTerms.Kind.POS_PAIR, (values, _) -> positive.apply(values)))
            .orElse(none));
    terms.put(
        "neg_loss",
        batch
            .flatMap(b ->
                b.each(b.negatives, LossTerms.Kind.NEG_PAIR, (values, _) -> negative.apply(values)))
            .orElse(none));
    return terms;
  }

  private Optional<LossTerms> each(
      PairSide side, LossTerms.Kind kind, BiFunction<Tensor, List<Tensor>, Tensor> losses) {
    if (side.count() == 0) {
      return Optional.empty();
    }
    List<Tensor> indices = side.indices();
    Tensor values = mat.index(indices.getFirst(), indices.getLast());
    return Optional.of(new LossTerms(losses.apply(values, indices), kind, indices));
  }

  /**
   * The term of a loss that takes each anchor with all its pairs.
   *
   * @param losses from the batch to a loss for each anchor, [N]
   */
  static Map<String, LossTerms> eachAnchor(
      LossInput input, Distance distance, Function<PairBatch, Tensor> losses) {
    return eachAnchor(input, distance, _ -> true, losses);
  }

  /**
   * The same.
   *
   * @param enough whether there is anything to learn from a batch
   */
  static Map<String, LossTerms> eachAnchor(
      LossInput input,
      Distance distance,
      Predicate<PairBatch> enough,
      Function<PairBatch, Tensor> losses) {
    return of(input, distance)
        .filter(enough)
        .map(losses)
        .map(LossTerms::elements)
        .orElseGet(() -> LossTerms.none(input.embeddings()))
        .alone();
  }

  /**
   * The term of a loss that sets each positive pair against negatives; nothing to learn from where
   * either side is missing.
   */
  static Map<String, LossTerms> eachPositive(
      LossInput input, Distance distance, PositiveLosses losses) {
    return of(input, distance)
        .filter(PairBatch::hasBothSides)
        .flatMap(b ->
            b.each(
                b.positives,
                LossTerms.Kind.POS_PAIR,
                (values, indices) -> losses.of(b, values, indices)))
        .orElseGet(() -> LossTerms.none(input.embeddings()))
        .alone();
  }

  /** From a batch to a loss for each positive pair. */
  @FunctionalInterface
  interface PositiveLosses {

    /**
     * The losses, [P].
     *
     * @param batch has both sides
     * @param values the distances of the positive pairs, [P]
     * @param indices the pairs: anchors and positives, [P] each
     */
    Tensor of(PairBatch batch, Tensor values, List<Tensor> indices);
  }
}
