package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.DotProductSimilarity;
import dev.tripoint.nn.Functional;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The softmax loss with normalised classes: {@code pml.NormalizedSoftmaxLoss}. Logits are
 * similarities, or negative distances, to the classes' normalised rows, divided by a temperature.
 *
 * @param temperature what logits are divided by; 0.05 by default
 * @param weights [D, C]; standard normal by default
 * @param distance {@link DotProductSimilarity} with its defaults by default
 * @param reducer {@link MeanReducer} by default
 */
public record NormalizedSoftmaxLoss(
    double temperature, ClassWeights weights, Distance distance, Reducer reducer)
    implements ClassifyingLoss<NormalizedSoftmaxLoss> {

  /**
   * @throws IllegalArgumentException if the temperature is not above 0
   */
  public NormalizedSoftmaxLoss {
    Settings.requirePositive("temperature", temperature);
  }

  /** With these weights, [D, C]. */
  public NormalizedSoftmaxLoss(ClassWeights weights) {
    this(0.05, weights, new DotProductSimilarity(), new MeanReducer());
  }

  /** With weights drawn from a generator, null for LibTorch's global one. */
  public NormalizedSoftmaxLoss(long numClasses, long embeddingSize, @Nullable Generator generator) {
    this(ClassWeights.normal(embeddingSize, numClasses, generator));
  }

  public NormalizedSoftmaxLoss(long numClasses, long embeddingSize) {
    this(numClasses, embeddingSize, null);
  }

  public NormalizedSoftmaxLoss withTemperature(double temperature) {
    return new NormalizedSoftmaxLoss(temperature, weights, distance, reducer);
  }

  @Override
  public NormalizedSoftmaxLoss with(ClassWeights weights) {
    return new NormalizedSoftmaxLoss(temperature, weights, distance, reducer);
  }

  @Override
  public NormalizedSoftmaxLoss with(Distance distance) {
    return new NormalizedSoftmaxLoss(temperature, weights, distance, reducer);
  }

  @Override
  public NormalizedSoftmaxLoss with(Reducer reducer) {
    return new NormalizedSoftmaxLoss(temperature, weights, distance, reducer);
  }

  @Override
  public Tensor logits(Tensor embeddings, Tensor rows) {
    Tensor normalized = Functional.normalize(rows, distance.p(), 1, 1e-12);
    Tensor logits = distance.matrix(embeddings, normalized).div(temperature);
    return distance.isInverted() ? logits : logits.neg();
  }

  @Override
  public Map<String, LossTerms> terms(ClassifiedBatch batch) {
    return batch.crossEntropy(logits(batch.embeddings(), batch.rows()));
  }
}
