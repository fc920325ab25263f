package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Triplets;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.List;
import java.util.Map;

/**
 * The dynamic soft margin loss: {@code pml.DynamicSoftMarginLoss}. Of each triplet, d_ap − d_an
 * weighs as much as the part of all such differences that are smaller, which a running histogram
 * tells; the loss is their mean. Gradients flow through what the batch itself adds to the
 * histogram, but not into earlier batches, where the source fails to go back. A batch without
 * triplets gives 0 with gradient 0 and leaves the histogram alone.
 *
 * <p>Without labels, masks and tuples, row i of the references is the positive of row i of the
 * embeddings and the nearer of the nearest other reference of that row and the nearest other row of
 * that reference is the negative; rows without a partner count 0. The source cannot go back from
 * there.
 *
 * <p>Stateful, unlike other losses: each computation updates the histogram, so it is used by one
 * thread at a time. Differences beyond the ends of the histogram count in its first or last bin,
 * where the source fails.
 *
 * @param minVal where the histogram begins; −2 by default. It ends at minVal + 2 |minVal|
 * @param momentum how much of the histogram a batch makes, once there is one; 0.01 by default
 * @param histogram what earlier batches made; 10 bins by default. Copies with other settings share
 *     it
 * @param distance an {@link LpDistance} with p 2 and normalised embeddings; power 1 by default
 * @param reducer {@link MeanReducer} by default; as there is a single loss, it has nothing to do
 */
public record DynamicSoftMarginLoss(
    double minVal, double momentum, MarginHistogram histogram, Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<DynamicSoftMarginLoss>, WithReducer<DynamicSoftMarginLoss> {

  /**
   * @throws IllegalArgumentException if minVal is 0 or not finite, momentum not a number, or for
   *     another distance
   */
  public DynamicSoftMarginLoss {
    if (minVal == 0 || !Double.isFinite(minVal)) {
      throw new IllegalArgumentException("minVal must be finite and not 0, but is " + minVal);
    }
    Inputs.requireNumber("momentum", momentum);
    DistanceTypes.requireNormalizedEuclidean("DynamicSoftMarginLoss", distance);
  }

  public DynamicSoftMarginLoss(double minVal, int numBins, double momentum) {
    this(minVal, momentum, new MarginHistogram(numBins), new LpDistance(), new MeanReducer());
  }

  public DynamicSoftMarginLoss() {
    this(-2, 10, 0.01);
  }

  @Override
  public DynamicSoftMarginLoss with(Distance distance) {
    return new DynamicSoftMarginLoss(minVal, momentum, histogram, distance, reducer);
  }

  @Override
  public DynamicSoftMarginLoss with(Reducer reducer) {
    return new DynamicSoftMarginLoss(minVal, momentum, histogram, distance, reducer);
  }

  @Override
  public boolean needsRelation() {
    return false;
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    Tensor gaps =
        input.relation() == null && input.tuples() == null ? gapsOfRows(input) : gaps(input);
    if (gaps.numel() == 0) {
      return LossTerms.none(input.embeddings()).alone();
    }
    Tensor loss = weights(gaps).mul(gaps).mean();
    return new LossTerms(loss, LossTerms.Kind.ALREADY_REDUCED, List.of()).alone();
  }

  private Tensor gaps(LossInput input) {
    if (input.tuples() == null) {
      input.requireRelation("DynamicSoftMarginLoss");
    }
    Triplets triplets = input.triplets();
    Tensor mat = distance.matrix(input.embeddings(), input.refEmb());
    return mat.index(triplets.anchor(), triplets.positive())
        .sub(mat.index(triplets.anchor(), triplets.negative()));
  }

  private Tensor gapsOfRows(LossInput input) {
    Tensor mat = distance.matrix(input.embeddings(), input.refEmb());
    long rows = mat.size(0);
    long columns = mat.size(1);
    if (rows == 1 && columns == 1) {
      return Torch.empty(mat.dtype(), 0);
    }
    long longest = Math.max(rows, columns);
    Tensor own = Torch.zeros(DType.BOOL, rows, columns).fillDiagonal_(1);
    Tensor others = mat.maskedFill(own, Double.POSITIVE_INFINITY);
    Tensor nearest =
        filled(others.min(0, false).values(), longest)
            .minimum(filled(others.min(1, false).values(), longest));
    return filled(mat.diagonal(), longest).sub(nearest);
  }

  /** Zeros after what there is. */
  private static Tensor filled(Tensor values, long length) {
    return Torch.cat(values, Torch.zeros(values.dtype(), length - values.numel()));
  }

  /** Adds the batch to the histogram, and gives for each value the part that is smaller. */
  private Tensor weights(Tensor gaps) {
    long last = histogram.numBins() - 1L;
    double width = 2 * Math.abs(minVal) / histogram.numBins();
    Tensor position = gaps.sub(minVal).div(width).clamp(0.0, (double) last);
    Tensor floor = position.detach().floor();
    Tensor above = position.sub(floor);
    Tensor bin = floor.to(DType.INT64);
    Tensor next = floor.add(1).clampMax(last).to(DType.INT64);
    double share = histogram.isEmpty() ? 1 : momentum;
    Tensor bins =
        Tensor.of(histogram.values(), histogram.numBins())
            .to(gaps.dtype())
            .mul(1 - share)
            .indexAdd(0, bin, above.rsub(1).mul(share))
            .indexAdd(0, next, above.mul(share));
    Tensor normalized = bins.div(bins.sum());
    histogram.set(normalized.detach().to(DType.FLOAT64).toDoubleArray());
    return normalized.cumsum(0).indexSelect(0, bin);
  }
}
