package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Neighbourhood components analysis: {@code pml.NCALoss}. Each row costs −log of what its positives
 * have of softmax(scale · s) over all others, where similarities s are distances counted negative.
 * Rows whose share is exactly 0, as those without positives, are left out. Tuples do not choose
 * pairs: they weigh the rows by how often each stands in them, beside references as an anchor. A
 * batch of one row, or without any share, costs 0 with gradient 0; the source gives NaN where no
 * row has a share.
 *
 * <p>Given masks, what is neither positive nor negative of a row is left out of its softmax.
 *
 * @param softmaxScale what similarities are multiplied by; 1 by default
 * @param distance {@link LpDistance} with power 2 by default
 * @param reducer {@link MeanReducer} by default
 */
public record NCALoss(double softmaxScale, Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<NCALoss>, WithReducer<NCALoss> {

  /**
   * @throws IllegalArgumentException if the scale is not above 0
   */
  public NCALoss {
    Settings.requirePositive("softmaxScale", softmaxScale);
  }

  public NCALoss(double softmaxScale) {
    this(softmaxScale, new LpDistance().withPower(2), new MeanReducer());
  }

  public NCALoss() {
    this(1);
  }

  public NCALoss withSoftmaxScale(double softmaxScale) {
    return new NCALoss(softmaxScale, distance, reducer);
  }

  @Override
  public NCALoss with(Distance distance) {
    return new NCALoss(softmaxScale, distance, reducer);
  }

  @Override
  public NCALoss with(Reducer reducer) {
    return new NCALoss(softmaxScale, distance, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    Tensor embeddings = input.embeddings();
    Relation relation = input.requireRelation("NCALoss");
    if (embeddings.size(0) <= 1) {
      return LossTerms.none(embeddings).alone();
    }
    Tensor weights =
        MinerUtils.convertToWeights(
            input.tuples(), embeddings.size(0), embeddings.dtype(), !input.self());
    return terms(embeddings, input.refEmb(), relation.matches(), weights).alone();
  }

  /**
   * The losses of rows among others, be they a batch, references or proxies.
   *
   * @param weights what each row's loss is multiplied by, [N]
   */
  LossTerms terms(Tensor embeddings, Tensor ref, Relation.Matches by, Tensor weights) {
    Tensor share = shares(distance.matrix(embeddings, ref), by);
    Tensor rows = share.ne(0).nonzero().select(1, 0);
    if (rows.numel() == 0) {
      return LossTerms.none(embeddings);
    }
    Tensor losses = share.indexSelect(0, rows).log().neg().mul(weights.indexSelect(0, rows));
    return new LossTerms(losses, LossTerms.Kind.ELEMENT, List.of(rows));
  }

  private Tensor shares(Tensor mat, Relation.Matches by) {
    Tensor scores = (distance.isInverted() ? mat : mat.neg()).mul(softmaxScale);
    Tensor counted = by.matches().logicalOr(by.diffs());
    return scores
        .maskedFill(counted.logicalNot(), Sums.lowest(mat.dtype()))
        .softmax(1)
        .mul(by.matches())
        .sum(1);
  }
}
