package dev.tripoint.compat.finetuner;

import dev.tripoint.loss.LossInput;
import dev.tripoint.loss.MetricLoss;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Pairs;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.List;
import java.util.Map;

/**
 * The mean over pairs of d for positives and max(0, margin − d) for negatives: {@code
 * finetuner.SiameseLoss}. It is one mean over both kinds, so the more numerous weighs more. Without
 * tuples it takes each pair of the batch once, as with {@link SiameseMiner}; where there are none,
 * which the source refuses, it is 0 with gradient 0. Each term belongs to the first row of its
 * pair.
 *
 * @param distance cosine by default
 * @param margin 1 by default
 */
public record SiameseLoss(FinetunerDistance distance, double margin) implements MetricLoss {

  /**
   * @throws IllegalArgumentException if the margin is not a number
   */
  public SiameseLoss {
    Inputs.requireNumber("margin", margin);
  }

  public SiameseLoss(double margin) {
    this(FinetunerDistance.COSINE, margin);
  }

  public SiameseLoss() {
    this(1);
  }

  public SiameseLoss with(FinetunerDistance distance) {
    return new SiameseLoss(distance, margin);
  }

  public SiameseLoss withMargin(double margin) {
    return new SiameseLoss(distance, margin);
  }

  @Override
  public Reducer reducer() {
    return new MeanReducer();
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    Pairs pairs =
        input.tuples() == null
            ? SiameseMiner.eachOnce(input.requireRelation("SiameseLoss"))
            : input.pairs();
    Tensor first = Torch.cat(pairs.anchorPositive(), pairs.anchorNegative());
    if (first.numel() == 0) {
      return LossTerms.none(input.embeddings()).alone();
    }
    Tensor mat = distance.matrix(input.embeddings(), input.refEmb());
    Tensor positive = mat.index(pairs.anchorPositive(), pairs.positive());
    Tensor negative = mat.index(pairs.anchorNegative(), pairs.negative());
    Tensor losses = Torch.cat(positive, negative.rsub(margin).relu());
    return new LossTerms(losses, LossTerms.Kind.ELEMENT, List.of(first)).alone();
  }
}
