package dev.tripoint.compat.st;

import dev.tripoint.distance.Distance;
import dev.tripoint.loss.LossResult;
import dev.tripoint.miner.Inputs;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Spreads embeddings as random directions would lie: of the similarities s of different rows,
 * mean(s)² and max(0, mean(s²) − 1/D): {@code st.GlobalOrthogonalRegularizationLoss}. It is meant
 * to be added to another loss.
 *
 * @param meanWeight what mean(s)² is multiplied by; 0 leaves it out; 1 by default
 * @param secondMomentWeight what the other term is multiplied by; 0 leaves it out; 1 by default
 * @param aggregation what becomes of the terms of several matrices; {@link Aggregation#MEAN} by
 *     default
 * @param similarityFct {@link SimilarityFunction#COSINE} by default
 */
public record GlobalOrthogonalRegularizationLoss(
    double meanWeight, double secondMomentWeight, Aggregation aggregation, Distance similarityFct) {

  /** What becomes of the terms of several matrices. */
  public enum Aggregation {
    /** Their mean. */
    MEAN,
    /** Their sum. */
    SUM
  }

  /**
   * @throws IllegalArgumentException if both weights are 0, or one is no number
   */
  public GlobalOrthogonalRegularizationLoss {
    Inputs.requireNumber("mean_weight", meanWeight);
    Inputs.requireNumber("second_moment_weight", secondMomentWeight);
    if (meanWeight == 0 && secondMomentWeight == 0) {
      throw new IllegalArgumentException("mean_weight and second_moment_weight must not both be 0");
    }
  }

  public GlobalOrthogonalRegularizationLoss() {
    this(1, 1);
  }

  public GlobalOrthogonalRegularizationLoss(double meanWeight, double secondMomentWeight) {
    this(meanWeight, secondMomentWeight, Aggregation.MEAN, SimilarityFunction.COSINE);
  }

  public GlobalOrthogonalRegularizationLoss with(Aggregation aggregation) {
    return new GlobalOrthogonalRegularizationLoss(
        meanWeight, secondMomentWeight, aggregation, similarityFct);
  }

  public GlobalOrthogonalRegularizationLoss withSimilarityFct(Distance similarityFct) {
    return new GlobalOrthogonalRegularizationLoss(
        meanWeight, secondMomentWeight, aggregation, similarityFct);
  }

  /** The loss alone. */
  public Tensor forward(Tensor... columns) {
    return compute(columns).loss();
  }

  /**
   * The loss of matrices, each by itself.
   *
   * @param columns floats, [N, D] each, one at least
   * @return the sum of both weighted terms; stats {@code gor_mean} and {@code gor_second_moment},
   *     the source's two results, as far as they are not left out
   * @throws IllegalArgumentException if there is none or shapes do not fit
   */
  public LossResult compute(Tensor... columns) {
    if (columns.length == 0) {
      throw new IllegalArgumentException("one matrix of embeddings at least is needed");
    }
    try (TensorScope scope = TensorScope.open()) {
      List<Tensor> means = new ArrayList<>();
      List<Tensor> moments = new ArrayList<>();
      for (Tensor rows : columns) {
        Inputs.requireFloatMatrix("embeddings", rows);
        long count = rows.size(0);
        double pairs = Math.max(count * (count - 1), 1);
        Tensor own = Torch.zeros(DType.BOOL, count, count).fillDiagonal_(1);
        Tensor similarities = similarityFct.matrix(rows, rows).maskedFill(own, 0);
        means.add(similarities.sum().div(pairs).square());
        moments.add(similarities.square().sum().div(pairs).sub(1.0 / rows.size(1)).relu());
      }
      Map<String, Double> stats = new LinkedHashMap<>();
      Tensor loss = null;
      if (meanWeight != 0) {
        loss = aggregate(means).mul(meanWeight);
        stats.put("gor_mean", loss.item());
      }
      if (secondMomentWeight != 0) {
        Tensor term = aggregate(moments).mul(secondMomentWeight);
        stats.put("gor_second_moment", term.item());
        loss = loss == null ? term : loss.add(term);
      }
      return new LossResult(scope.keep(Objects.requireNonNull(loss)), stats);
    }
  }

  private Tensor aggregate(List<Tensor> terms) {
    Tensor all = Torch.stack(terms, 0);
    return aggregation == Aggregation.SUM ? all.sum() : all.mean();
  }
}
