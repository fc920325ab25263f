package dev.tripoint.miner;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;

/**
 * Positive pairs that are not closer than the anchor's closest negative by more than epsilon, and
 * negative pairs that are not farther than its farthest positive by more than epsilon, both
 * strictly: {@code pml.MultiSimilarityMiner}. An anchor that lacks either side gives no pairs.
 * Pairs come by anchor and then by index, where the source sorts them by distance.
 *
 * <p>On the CPU, for finite embeddings, a distance of {@link OperatorDistance} and a relation of
 * {@link OperatorRelation} it runs on the operator {@code tripoint::multi_similarity_miner}, which
 * needs no N² memory; else over the distance's matrix.
 *
 * @param epsilon 0.1 by default
 * @param distance what is far; {@link CosineSimilarity} with its defaults by default
 */
public record MultiSimilarityMiner(double epsilon, Distance distance)
    implements Miner, WithDistance<MultiSimilarityMiner> {

  private static final Op MULTI_SIMILARITY_MINER = Op.of("tripoint::multi_similarity_miner");

  /**
   * @throws IllegalArgumentException if epsilon is not a number
   */
  public MultiSimilarityMiner {
    Inputs.requireNumber("epsilon", epsilon);
  }

  public MultiSimilarityMiner(double epsilon) {
    this(epsilon, new CosineSimilarity());
  }

  public MultiSimilarityMiner() {
    this(0.1);
  }

  @Override
  public MultiSimilarityMiner with(Distance distance) {
    return new MultiSimilarityMiner(epsilon, distance);
  }

  @Override
  public Pairs mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      OperatorBatch batch = OperatorBatch.of(distance, embeddings, refEmb, relation);
      if (batch != null) {
        Tensor[] found = batch.call(MULTI_SIMILARITY_MINER, 4, epsilon);
        return new Pairs(found[0], found[1], found[2], found[3]).map(scope::keep);
      }
      Relation.Matches by = relation.matches();
      if (by.matches().numel() > 0) {
        by = informative(distance.matrix(embeddings, refEmb), by);
      }
      return MinerUtils.getAllPairsIndices(by).map(scope::keep);
    }
  }

  private Relation.Matches informative(Tensor mat, Relation.Matches by) {
    boolean inverted = distance.isInverted();
    double farthest = inverted ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    Tensor negatives = mat.maskedFill(by.diffs().logicalNot(), farthest);
    Tensor positives = mat.maskedFill(by.matches().logicalNot(), -farthest);
    Tensor closest = inverted ? negatives.amax(1, true) : negatives.amin(1, true);
    Tensor limit = inverted ? positives.amin(1, true) : positives.amax(1, true);
    Tensor hardPositive = inverted ? mat.sub(epsilon).lt(closest) : mat.add(epsilon).gt(closest);
    Tensor hardNegative = inverted ? mat.add(epsilon).gt(limit) : mat.sub(epsilon).lt(limit);
    return new Relation.Matches(
        by.matches().logicalAnd(hardPositive), by.diffs().logicalAnd(hardNegative));
  }
}
