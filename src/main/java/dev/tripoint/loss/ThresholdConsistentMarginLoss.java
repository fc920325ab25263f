package dev.tripoint.loss;

import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Pairs;
import dev.tripoint.nn.Functional;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The threshold-consistent margin loss: {@code pml.ThresholdConsistentMarginLoss}. Of the positive
 * pairs whose cosine is at most {@code marginPlus}, the mean of what is missing to it, and of the
 * negative pairs whose cosine is at least {@code marginMinus}, the mean of what exceeds it, each
 * with its factor. A batch without such pairs gives 0 with gradient 0.
 *
 * <p>References are taken where positives and negatives index them; the source looks these up in
 * the embeddings.
 *
 * @param lambdaPlus the factor of positives; 1 by default
 * @param lambdaMinus the factor of negatives; 1 by default
 * @param marginPlus 0.9 by default
 * @param marginMinus 0.5 by default
 * @param reducer {@link MeanReducer} by default; as there is a single loss, it has nothing to do
 */
public record ThresholdConsistentMarginLoss(
    double lambdaPlus, double lambdaMinus, double marginPlus, double marginMinus, Reducer reducer)
    implements MetricLoss, WithReducer<ThresholdConsistentMarginLoss> {

  /** What shorter rows are divided by, as {@code torch.nn.functional.cosine_similarity} does. */
  private static final double SMALLEST_NORM = 1e-8;

  /**
   * @throws IllegalArgumentException if a number is NaN
   */
  public ThresholdConsistentMarginLoss {
    Inputs.requireNumber("lambdaPlus", lambdaPlus);
    Inputs.requireNumber("lambdaMinus", lambdaMinus);
    Inputs.requireNumber("marginPlus", marginPlus);
    Inputs.requireNumber("marginMinus", marginMinus);
  }

  public ThresholdConsistentMarginLoss(
      double lambdaPlus, double lambdaMinus, double marginPlus, double marginMinus) {
    this(lambdaPlus, lambdaMinus, marginPlus, marginMinus, new MeanReducer());
  }

  public ThresholdConsistentMarginLoss() {
    this(1, 1, 0.9, 0.5);
  }

  @Override
  public ThresholdConsistentMarginLoss with(Reducer reducer) {
    return new ThresholdConsistentMarginLoss(
        lambdaPlus, lambdaMinus, marginPlus, marginMinus, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    Pairs pairs = input.pairs();
    Tensor rows = unit(input.embeddings());
    Tensor mat = rows.mm((input.self() ? rows : unit(input.refEmb())).t());
    Tensor positive = mat.index(pairs.anchorPositive(), pairs.positive());
    Tensor negative = mat.index(pairs.anchorNegative(), pairs.negative());
    List<Tensor> found =
        Stream.concat(
                mean(positive.rsub(marginPlus), lambdaPlus),
                mean(negative.sub(marginMinus), lambdaMinus))
            .toList();
    return found.isEmpty()
        ? LossTerms.none(input.embeddings()).alone()
        : new LossTerms(Losses.sum(found), LossTerms.Kind.ALREADY_REDUCED, List.of()).alone();
  }

  /** The mean of those that are not below 0, if there are any. */
  private static Stream<Tensor> mean(Tensor violations, double factor) {
    Tensor chosen = violations.maskedSelect(violations.ge(0));
    return chosen.numel() == 0 ? Stream.empty() : Stream.of(chosen.mean().mul(factor));
  }

  private static Tensor unit(Tensor rows) {
    return Functional.normalize(rows, 2, 1, SMALLEST_NORM);
  }
}
