package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.nn.Functional;
import dev.tripoint.nn.Reduction;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import java.util.Map;
import java.util.Objects;

/**
 * The instance loss: {@code pml.InstanceLoss}. The softmax loss of each row's cosines to all rows
 * of the batch, itself among them. As in the source, what a row should be most similar to is the
 * row whose place in the batch is the number of its class, counted from 0 in the order of labels;
 * with labels 0, 1, 2 and so on that is the row itself. It takes neither references nor tuples.
 *
 * @param gamma what cosines are multiplied by; 64 by default
 * @param distance a {@link CosineSimilarity}; that with its defaults by default
 * @param reducer {@link MeanReducer} by default
 */
public record InstanceLoss(double gamma, Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<InstanceLoss>, WithReducer<InstanceLoss> {

  private static final Op UNIQUE = Op.of("aten::_unique2");

  /**
   * @throws IllegalArgumentException if gamma is not a number or the distance is another
   */
  public InstanceLoss {
    Inputs.requireNumber("gamma", gamma);
    DistanceTypes.requireCosine("InstanceLoss", distance);
  }

  public InstanceLoss(double gamma) {
    this(gamma, new CosineSimilarity(), new MeanReducer());
  }

  public InstanceLoss() {
    this(64);
  }

  public InstanceLoss withGamma(double gamma) {
    return new InstanceLoss(gamma, distance, reducer);
  }

  @Override
  public InstanceLoss with(Distance distance) {
    return new InstanceLoss(gamma, distance, reducer);
  }

  @Override
  public InstanceLoss with(Reducer reducer) {
    return new InstanceLoss(gamma, distance, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    input.requireNoReferences("InstanceLoss");
    input.requireNoTuples("InstanceLoss");
    Tensor labels = input.requireLabels("InstanceLoss");
    Tensor places = (Tensor) Objects.requireNonNull(UNIQUE.call(labels, true, true).get(1));
    Tensor logits = distance.matrix(input.embeddings(), input.embeddings()).mul(gamma);
    return LossTerms.elements(Functional.crossEntropy(logits, places, Reduction.NONE)).alone();
  }
}
