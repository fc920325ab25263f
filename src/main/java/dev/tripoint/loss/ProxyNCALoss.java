package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Proxy NCA: {@code pml.ProxyNCALoss}. The {@link NCALoss} of a batch among proxies, one for each
 * class, in place of other rows. Of a miner's tuples the anchors say how much each row weighs.
 *
 * @param softmaxScale what similarities are multiplied by; 1 by default
 * @param weights the proxies, [C, D]; standard normal by default
 * @param distance {@link LpDistance} with power 2 by default
 * @param reducer {@link MeanReducer} by default
 */
public record ProxyNCALoss(
    double softmaxScale, ClassWeights weights, Distance distance, Reducer reducer)
    implements ClassifyingLoss<ProxyNCALoss> {

  /**
   * @throws IllegalArgumentException if the scale is not above 0
   */
  public ProxyNCALoss {
    Settings.requirePositive("softmaxScale", softmaxScale);
  }

  /** With these proxies, [C, D]. */
  public ProxyNCALoss(ClassWeights weights) {
    this(1, weights, new LpDistance().withPower(2), new MeanReducer());
  }

  /** With proxies drawn from a generator, null for LibTorch's global one. */
  public ProxyNCALoss(long numClasses, long embeddingSize, @Nullable Generator generator) {
    this(ClassWeights.normal(numClasses, embeddingSize, generator));
  }

  public ProxyNCALoss(long numClasses, long embeddingSize) {
    this(numClasses, embeddingSize, null);
  }

  public ProxyNCALoss withSoftmaxScale(double softmaxScale) {
    return new ProxyNCALoss(softmaxScale, weights, distance, reducer);
  }

  @Override
  public ProxyNCALoss with(ClassWeights weights) {
    return new ProxyNCALoss(softmaxScale, weights, distance, reducer);
  }

  @Override
  public ProxyNCALoss with(Distance distance) {
    return new ProxyNCALoss(softmaxScale, weights, distance, reducer);
  }

  @Override
  public ProxyNCALoss with(Reducer reducer) {
    return new ProxyNCALoss(softmaxScale, weights, distance, reducer);
  }

  @Override
  public Tensor rows(Tensor weights) {
    return weights;
  }

  @Override
  public Tensor logits(Tensor embeddings, Tensor rows) {
    return distance.matrix(embeddings, rows);
  }

  @Override
  public Map<String, LossTerms> terms(ClassifiedBatch batch) {
    Relation among = Relation.of(batch.labels(), Torch.arange(batch.classes()));
    return new NCALoss(softmaxScale, distance, reducer)
        .terms(batch.embeddings(), batch.rows(), among.matches(), batch.weights(true))
        .alone();
  }
}
