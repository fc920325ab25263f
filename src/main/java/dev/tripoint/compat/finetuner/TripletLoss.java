package dev.tripoint.compat.finetuner;

import dev.tripoint.loss.LossInput;
import dev.tripoint.loss.MetricLoss;
import dev.tripoint.loss.TripletMarginLoss;
import dev.tripoint.miner.Inputs;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import java.util.Map;

/**
 * The mean over triplets of max(0, d_ap − d_an + margin): {@code finetuner.TripletLoss}. Without
 * tuples it takes all triplets of the batch, as with {@link TripletMiner}; where there are none,
 * which the source refuses, it is 0 with gradient 0.
 *
 * @param distance cosine by default
 * @param margin 1 by default
 */
public record TripletLoss(FinetunerDistance distance, double margin) implements MetricLoss {

  /**
   * @throws IllegalArgumentException if the margin is not a number
   */
  public TripletLoss {
    Inputs.requireNumber("margin", margin);
  }

  public TripletLoss(double margin) {
    this(FinetunerDistance.COSINE, margin);
  }

  public TripletLoss() {
    this(1);
  }

  public TripletLoss with(FinetunerDistance distance) {
    return new TripletLoss(distance, margin);
  }

  public TripletLoss withMargin(double margin) {
    return new TripletLoss(distance, margin);
  }

  @Override
  public Reducer reducer() {
    return new MeanReducer();
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    return new TripletMarginLoss(margin).with(distance).terms(input);
  }
}
