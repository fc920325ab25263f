package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.AvgNonZeroReducer;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.SumReducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The supervised contrastive loss: {@code pml.SupConLoss}. Each anchor costs the mean over its
 * positives of −log(exp(s_p / t) / Σ exp(s / t)), the sum over its positives and negatives;
 * distances count negative. An anchor without positives costs 0, and so does a batch without
 * positives or without negatives. A pair that is given twice counts once.
 *
 * <p>On the CPU, without tuples, with a cosine or a dot product and one of {@link MeanReducer},
 * {@link AvgNonZeroReducer} and {@link SumReducer} it runs on the operator {@code
 * tripoint::sup_con}, which needs no N² memory and has no second derivative. Half-precision
 * embeddings then give a float32 loss.
 *
 * @param temperature t; 0.1 by default
 * @param distance {@link CosineSimilarity} by default
 * @param reducer {@link AvgNonZeroReducer} by default
 */
public record SupConLoss(double temperature, Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<SupConLoss>, WithReducer<SupConLoss> {

  /**
   * @throws IllegalArgumentException if the temperature is not above 0
   */
  public SupConLoss {
    Settings.requirePositive("temperature", temperature);
  }

  public SupConLoss(double temperature) {
    this(temperature, new CosineSimilarity(), new AvgNonZeroReducer());
  }

  public SupConLoss() {
    this(0.1);
  }

  public SupConLoss withTemperature(double temperature) {
    return new SupConLoss(temperature, distance, reducer);
  }

  @Override
  public SupConLoss with(Distance distance) {
    return new SupConLoss(temperature, distance, reducer);
  }

  @Override
  public SupConLoss with(Reducer reducer) {
    return new SupConLoss(temperature, distance, reducer);
  }

  @Override
  public @Nullable OperatorCall onOperator(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    return BatchSoftmax.of(
        new BatchSoftmax.Kind(this, BatchSoftmax.SUP_CON, temperature, distance, reducer),
        embeddings,
        relation,
        tuples,
        refEmb);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    return PairBatch.eachAnchor(input, distance, PairBatch::hasBothSides, this::losses);
  }

  private Tensor losses(PairBatch batch) {
    Relation.Matches masks = batch.masks();
    Tensor positives = masks.matches();
    Tensor scores = (distance.isInverted() ? batch.mat() : batch.mat().neg()).div(temperature);
    Tensor all = Sums.logSumExpOrZero(scores, positives.logicalOr(masks.diffs()));
    Tensor shares = scores.sub(all.unsqueeze(1)).maskedFill(positives.logicalNot(), 0);
    return shares.sum(1).div(positives.sum(1).clampMin(1)).neg();
  }
}
