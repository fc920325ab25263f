package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * The loss that penalises negatives before positives: {@code pml.PNPLoss}. R, a smooth count of the
 * negatives that are more similar to a row than a positive of it, costs what the variant says; the
 * row itself counts as a positive, too. The loss is the mean over the positives of each row that
 * has one, then over these rows. A batch without positives gives 0 with gradient 0. It takes
 * neither tuples nor references.
 *
 * @param b how soon {@link Variant#IB} grows; 2 by default
 * @param alpha the power of {@link Variant#DQ}; 1 by default
 * @param anneal the width of the step that counts; 0.01 by default
 * @param variant what R costs; {@link Variant#O} by default
 * @param distance a {@link CosineSimilarity}
 * @param reducer {@link MeanReducer} by default; as there is a single loss, it has nothing to do
 */
public record PNPLoss(
    double b, double alpha, double anneal, Variant variant, Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<PNPLoss>, WithReducer<PNPLoss> {

  /** Beyond this a step has no slope. */
  private static final double LARGEST_EXPONENT = 50;

  private static final Op SIGMOID = Op.of("aten::sigmoid");

  /** What a count R costs. */
  public enum Variant {
    /** log(1 + R). */
    DS,
    /** 1 − (1 + R) ^ −alpha. */
    DQ,
    /** (1 + R) log(1 + R). */
    IU,
    /** (b R − log(1 + b R)) / b². */
    IB,
    /** R. */
    O
  }

  /**
   * @throws IllegalArgumentException if a number is NaN or anneal 0, or for another distance
   */
  public PNPLoss {
    Inputs.requireNumber("b", b);
    Inputs.requireNumber("alpha", alpha);
    Settings.requirePositive("anneal", anneal);
    DistanceTypes.requireCosine("PNPLoss", distance);
  }

  public PNPLoss(Variant variant) {
    this(2, 1, 0.01, variant, new CosineSimilarity(), new MeanReducer());
  }

  public PNPLoss() {
    this(Variant.O);
  }

  public PNPLoss withB(double b) {
    return new PNPLoss(b, alpha, anneal, variant, distance, reducer);
  }

  public PNPLoss withAlpha(double alpha) {
    return new PNPLoss(b, alpha, anneal, variant, distance, reducer);
  }

  public PNPLoss withAnneal(double anneal) {
    return new PNPLoss(b, alpha, anneal, variant, distance, reducer);
  }

  public PNPLoss with(Variant variant) {
    return new PNPLoss(b, alpha, anneal, variant, distance, reducer);
  }

  @Override
  public PNPLoss with(Distance distance) {
    return new PNPLoss(b, alpha, anneal, variant, distance, reducer);
  }

  @Override
  public PNPLoss with(Reducer reducer) {
    return new PNPLoss(b, alpha, anneal, variant, distance, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    input.requireNoReferences("PNPLoss");
    input.requireNoTuples("PNPLoss");
    Tensor embeddings = input.embeddings();
    Relation.Matches by = input.requireRelation("PNPLoss").matches();
    Tensor some = by.matches().any(1, true);
    long rows = some.sum().itemLong();
    if (rows == 0) {
      return LossTerms.none(embeddings).alone();
    }
    Tensor ranked = Ranks.withSelf(by.matches()).logicalAnd(some);
    Ranks ranks = Ranks.of(distance.matrix(embeddings, embeddings), ranked);
    Tensor before = step(ranks.differences()).mul(ranks.ofRows(by.diffs())).sum(1);
    Tensor mean = cost(before).div(ranks.perRow()).sum().div(rows);
    Tensor loss = variant == Variant.DQ ? mean.rsub(1) : mean;
    return new LossTerms(loss, LossTerms.Kind.ALREADY_REDUCED, List.of()).alone();
  }

  /** From 0 where x is far below 0 to 1 where it is far above. */
  private Tensor step(Tensor x) {
    // Not 1 / (1 + exp(-x)) as written there: the exponential is beyond half precision.
    return SIGMOID.callTensor(x.div(anneal).clamp(-LARGEST_EXPONENT, LARGEST_EXPONENT));
  }

  private Tensor cost(Tensor before) {
    return switch (variant) {
      case DS -> before.add(1).log();
      case DQ -> before.add(1).pow(alpha).reciprocal();
      case IU -> before.add(1).mul(before.add(1).log());
      case IB -> before.mul(b).sub(before.mul(b).add(1).log()).mul(1 / (b * b));
      case O -> before;
    };
  }
}
