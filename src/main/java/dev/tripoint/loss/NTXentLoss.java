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
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The normalised temperature-scaled cross entropy, InfoNCE: {@code pml.NTXentLoss}. Each positive
 * pair costs −log(exp(s_p / t) / (exp(s_p / t) + Σ exp(s_n / t))) over the negatives of its anchor,
 * each as often as it is given; distances count negative. To the quotient the smallest normal
 * number of the dtype is added, so that a float32 loss ends at 87.3, with gradient 0 there. Without
 * positives or without negatives the loss is 0 with gradient 0.
 *
 * <p>The source lists all negatives beside each positive; here the sum is taken once for each
 * anchor, so that no matrix is larger than that of the distances.
 *
 * <p>On the CPU, without tuples, with a cosine or a dot product and one of {@link MeanReducer},
 * {@link AvgNonZeroReducer} and {@link SumReducer} it runs on the operator {@code
 * tripoint::nt_xent}, which needs no N² memory and has no second derivative. Half-precision
 * embeddings then give a float32 loss.
 *
 * @param temperature t; 0.07 by default
 * @param distance {@link CosineSimilarity} by default
 * @param reducer {@link MeanReducer} by default
 */
public record NTXentLoss(double temperature, Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<NTXentLoss>, WithReducer<NTXentLoss> {

  /**
   * @throws IllegalArgumentException if the temperature is not above 0
   */
  public NTXentLoss {
    Settings.requirePositive("temperature", temperature);
  }

  public NTXentLoss(double temperature) {
    this(temperature, new CosineSimilarity(), new MeanReducer());
  }

  public NTXentLoss() {
    this(0.07);
  }

  public NTXentLoss withTemperature(double temperature) {
    return new NTXentLoss(temperature, distance, reducer);
  }

  @Override
  public NTXentLoss with(Distance distance) {
    return new NTXentLoss(temperature, distance, reducer);
  }

  @Override
  public NTXentLoss with(Reducer reducer) {
    return new NTXentLoss(temperature, distance, reducer);
  }

  @Override
  public @Nullable OperatorCall onOperator(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    return BatchSoftmax.of(
        new BatchSoftmax.Kind(this, BatchSoftmax.NT_XENT, temperature, distance, reducer),
        embeddings,
        relation,
        tuples,
        refEmb);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    return PairBatch.eachPositive(input, distance, this::losses);
  }

  private Tensor losses(PairBatch batch, Tensor values, List<Tensor> indices) {
    Tensor negatives = batch.negatives().logSumExp(scores(batch.mat()));
    Tensor positive = scores(values);
    Tensor all = Sums.logAddExp(positive, negatives.indexSelect(0, indices.getFirst()));
    return positive.sub(all).exp().add(Sums.tiny(values.dtype())).log().neg();
  }

  private Tensor scores(Tensor values) {
    return (distance.isInverted() ? values : values.neg()).div(temperature);
  }
}
