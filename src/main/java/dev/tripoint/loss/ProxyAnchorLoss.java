package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.reducer.DivisorReducer;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Proxy anchor: {@code pml.ProxyAnchorLoss}. Each class has a proxy, and costs log(1 + Σ exp(−alpha
 * · (s − margin))) over its rows and log(1 + Σ exp(alpha · (s + margin))) over all others, where s
 * are their similarities to the proxy. The first is divided by how many classes are in the batch,
 * the second by how many there are.
 *
 * <p>Each row's weight by a miner's tuples, less 1, is added to its exponents, as in the source.
 *
 * @param margin 0.1 by default
 * @param alpha what similarities are multiplied by; 32 by default
 * @param weights the proxies, [C, D]; normal with variance 2 / C by default
 * @param distance {@link CosineSimilarity} with its defaults by default
 * @param reducer {@link DivisorReducer} by default
 */
public record ProxyAnchorLoss(
    double margin, double alpha, ClassWeights weights, Distance distance, Reducer reducer)
    implements ClassifyingLoss<ProxyAnchorLoss> {

  /**
   * @throws IllegalArgumentException if margin or alpha is not a number
   */
  public ProxyAnchorLoss {
    Inputs.requireNumber("margin", margin);
    Inputs.requireNumber("alpha", alpha);
  }

  /** With these proxies, [C, D]. */
  public ProxyAnchorLoss(ClassWeights weights) {
    this(0.1, 32, weights, new CosineSimilarity(), new DivisorReducer());
  }

  /** With proxies drawn from a generator, null for LibTorch's global one. */
  public ProxyAnchorLoss(long numClasses, long embeddingSize, @Nullable Generator generator) {
    this(ClassWeights.kaimingNormal(numClasses, embeddingSize, generator));
  }

  public ProxyAnchorLoss(long numClasses, long embeddingSize) {
    this(numClasses, embeddingSize, null);
  }

  public ProxyAnchorLoss withMargin(double margin) {
    return new ProxyAnchorLoss(margin, alpha, weights, distance, reducer);
  }

  public ProxyAnchorLoss withAlpha(double alpha) {
    return new ProxyAnchorLoss(margin, alpha, weights, distance, reducer);
  }

  @Override
  public ProxyAnchorLoss with(ClassWeights weights) {
    return new ProxyAnchorLoss(margin, alpha, weights, distance, reducer);
  }

  @Override
  public ProxyAnchorLoss with(Distance distance) {
    return new ProxyAnchorLoss(margin, alpha, weights, distance, reducer);
  }

  @Override
  public ProxyAnchorLoss with(Reducer reducer) {
    return new ProxyAnchorLoss(margin, alpha, weights, distance, reducer);
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
    Tensor mat = logits(batch.embeddings(), batch.rows());
    Tensor positive = batch.labels().unsqueeze(1).eq(Torch.arange(batch.classes()));
    Tensor counts = batch.weights(false).sub(1).unsqueeze(1);
    Tensor within = distance.margin(mat, Settings.like(mat, margin)).mul(alpha).add(counts);
    Tensor without = distance.margin(Settings.like(mat, -margin), mat).mul(alpha).add(counts);
    Map<String, LossTerms> terms = new LinkedHashMap<>();
    terms.put(
        "pos_loss",
        LossTerms.elements(Sums.logOnePlusExp(Sums.logSumExp(within.t(), positive.t())))
            .withDivisor(positive.any(0, false).sum().item()));
    terms.put(
        "neg_loss",
        LossTerms.elements(
                Sums.logOnePlusExp(Sums.logSumExp(without.t(), positive.logicalNot().t())))
            .withDivisor(batch.classes()));
    return terms;
  }
}
