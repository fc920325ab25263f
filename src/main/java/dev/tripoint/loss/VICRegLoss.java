package dev.tripoint.loss;

import dev.tripoint.miner.Inputs;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Variance, invariance and covariance of two views: {@code pml.VICRegLoss}. Row i of the references
 * is another view of row i of the embeddings; without references the embeddings are their own other
 * view. Four terms are reduced each by itself: {@code invariance_loss}, the mean squared difference
 * of each row; {@code variance_loss1} and {@code variance_loss2}, of each column of either view
 * half of what its standard deviation lacks to 1; {@code covariance_loss}, the squared covariances
 * of different columns of both views, over the number of columns.
 *
 * <p>It looks at no labels and no tuples; the source refuses them, here labels may stand beside it
 * for other losses. A single row has variance and covariance 0, where the source gives NaN.
 *
 * @param invarianceLambda the factor of the invariance; 25 by default
 * @param varianceMu the factor of the variances; 25 by default
 * @param covarianceV the factor of the covariance; 1 by default
 * @param eps added to variances before the square root; 1e-4 by default
 * @param reducer {@link MeanReducer} by default
 */
public record VICRegLoss(
    double invarianceLambda, double varianceMu, double covarianceV, double eps, Reducer reducer)
    implements MetricLoss, WithReducer<VICRegLoss> {

  /**
   * @throws IllegalArgumentException if a factor is NaN, or eps below 0
   */
  public VICRegLoss {
    Inputs.requireNumber("invarianceLambda", invarianceLambda);
    Inputs.requireNumber("varianceMu", varianceMu);
    Inputs.requireNumber("covarianceV", covarianceV);
    if (!(eps >= 0)) {
      throw new IllegalArgumentException("eps must be 0 or more, but is " + eps);
    }
  }

  public VICRegLoss(double invarianceLambda, double varianceMu, double covarianceV, double eps) {
    this(invarianceLambda, varianceMu, covarianceV, eps, new MeanReducer());
  }

  public VICRegLoss() {
    this(25, 25, 1, 1e-4);
  }

  @Override
  public VICRegLoss with(Reducer reducer) {
    return new VICRegLoss(invarianceLambda, varianceMu, covarianceV, eps, reducer);
  }

  @Override
  public boolean needsRelation() {
    return false;
  }

  /**
   * @throws IllegalArgumentException if the views have different numbers of rows
   */
  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    input.requireNoTuples("VICRegLoss");
    Tensor one = input.embeddings();
    Tensor other = input.refEmb();
    if (other.size(0) != one.size(0)) {
      throw new IllegalArgumentException(
          "VICRegLoss needs a reference for each embedding, but has %d for %d"
              .formatted(other.size(0), one.size(0)));
    }
    Map<String, LossTerms> terms = new LinkedHashMap<>();
    terms.put(
        "invariance_loss",
        LossTerms.elements(one.sub(other).square().mean(1).mul(invarianceLambda)));
    terms.put("variance_loss1", LossTerms.elements(variance(one).mul(varianceMu)));
    terms.put("variance_loss2", LossTerms.elements(variance(other).mul(varianceMu)));
    terms.put(
        "covariance_loss",
        new LossTerms(
            covariance(one).add(covariance(other)).mul(covarianceV),
            LossTerms.Kind.ALREADY_REDUCED,
            List.of()));
    return terms;
  }

  private Tensor variance(Tensor view) {
    Tensor variance = view.var(0, view.size(0) > 1, false);
    return variance.add(eps).sqrt().rsub(1).relu().div(2);
  }

  private static Tensor covariance(Tensor view) {
    Tensor centered = view.sub(view.mean(0));
    Tensor covariances = centered.t().mm(centered).div(Math.max(view.size(0) - 1, 1));
    return covariances.copy().fillDiagonal_(0).square().sum().div(view.size(1));
  }
}
