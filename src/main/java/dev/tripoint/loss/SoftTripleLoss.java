package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * SoftTriple: {@code pml.SoftTripleLoss}. Each class has several centers, and a row's similarity to
 * a class is the mean of those to its centers, weighed by softmax(similarity / gamma). The softmax
 * loss of them times {@code la}, with a margin taken from that to the row's own class.
 *
 * @param la what similarities are multiplied by; 20 by default
 * @param gamma the temperature over the centers of a class; 0.1 by default
 * @param margin what is taken from the similarity to a row's own class; 0.01 by default
 * @param centersPerClass how many centers each class has; 10 by default
 * @param weights [D, C · centersPerClass], the centers of a class side by side; uniform between
 *     ±1/√(C · centersPerClass) by default
 * @param distance a similarity; {@link CosineSimilarity} with its defaults by default
 * @param reducer {@link MeanReducer} by default
 */
public record SoftTripleLoss(
    double la,
    double gamma,
    double margin,
    long centersPerClass,
    ClassWeights weights,
    Distance distance,
    Reducer reducer)
    implements ClassifyingLoss<SoftTripleLoss> {

  private static final Op SCATTER_ADD = Op.of("aten::scatter_add");

  /**
   * @throws IllegalArgumentException if la or margin is not a number, gamma is not above 0, the
   *     weights are not a whole number of classes, or the distance is no similarity
   */
  public SoftTripleLoss {
    Inputs.requireNumber("la", la);
    Settings.requirePositive("gamma", gamma);
    Inputs.requireNumber("margin", margin);
    ClassWeights.requireCenters("centersPerClass", centersPerClass, weights);
    DistanceTypes.requireSimilarity("SoftTripleLoss", distance);
  }

  /** With these weights, [D, C · centersPerClass]. */
  public SoftTripleLoss(long centersPerClass, ClassWeights weights) {
    this(20, 0.1, 0.01, centersPerClass, weights, new CosineSimilarity(), new MeanReducer());
  }

  /** With weights drawn from a generator, null for LibTorch's global one. */
  public SoftTripleLoss(
      long numClasses, long embeddingSize, long centersPerClass, @Nullable Generator generator) {
    this(
        centersPerClass,
        ClassWeights.kaimingUniform(embeddingSize, numClasses * centersPerClass, generator));
  }

  public SoftTripleLoss(long numClasses, long embeddingSize) {
    this(numClasses, embeddingSize, 10, null);
  }

  public SoftTripleLoss withLa(double la) {
    return new SoftTripleLoss(la, gamma, margin, centersPerClass, weights, distance, reducer);
  }

  public SoftTripleLoss withGamma(double gamma) {
    return new SoftTripleLoss(la, gamma, margin, centersPerClass, weights, distance, reducer);
  }

  public SoftTripleLoss withMargin(double margin) {
    return new SoftTripleLoss(la, gamma, margin, centersPerClass, weights, distance, reducer);
  }

  @Override
  public SoftTripleLoss with(ClassWeights weights) {
    return new SoftTripleLoss(la, gamma, margin, centersPerClass, weights, distance, reducer);
  }

  @Override
  public SoftTripleLoss with(Distance distance) {
    return new SoftTripleLoss(la, gamma, margin, centersPerClass, weights, distance, reducer);
  }

  @Override
  public SoftTripleLoss with(Reducer reducer) {
    return new SoftTripleLoss(la, gamma, margin, centersPerClass, weights, distance, reducer);
  }

  @Override
  public long centers() {
    return centersPerClass;
  }

  @Override
  public Tensor logits(Tensor embeddings, Tensor rows) {
    Tensor toCenters =
        distance.matrix(embeddings, rows).reshape(embeddings.size(0), -1, centersPerClass);
    return toCenters.mul(1 / gamma).softmax(2).mul(toCenters).sum(2);
  }

  @Override
  public Map<String, LossTerms> terms(ClassifiedBatch batch) {
    Tensor logits = logits(batch.embeddings(), batch.rows());
    Tensor own = batch.labels().unsqueeze(1);
    Tensor taken = Torch.full(-margin, logits.dtype(), own.sizes());
    return batch.crossEntropy(SCATTER_ADD.callTensor(logits, 1, own, taken).mul(la));
  }
}
