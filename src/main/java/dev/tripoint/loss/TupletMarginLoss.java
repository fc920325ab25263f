package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The tuplet margin loss: {@code pml.TupletMarginLoss}. Each positive pair costs log(1 + Σ
 * exp(scale (cos θ_n − cos(θ_p − margin)))) over the negatives of its anchor, each as often as it
 * is given, where θ are the angles of the pairs. Without positives or without negatives the loss is
 * 0 with gradient 0.
 *
 * <p>Where rows point the same way the source's gradient, and by rounding its loss, is NaN: here a
 * cosine of 1 or more stands for the angle 0, and moves by the cosine alone.
 *
 * <p>The source lists all negatives beside each positive; here the sum is taken once for each
 * anchor, so that no matrix is larger than that of the distances.
 *
 * @param margin in degrees; 5.73 by default
 * @param scale 64 by default
 * @param distance {@link CosineSimilarity} by default
 * @param reducer {@link MeanReducer} by default
 */
public record TupletMarginLoss(double margin, double scale, Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<TupletMarginLoss>, WithReducer<TupletMarginLoss> {

  private static final Op ACOS = Op.of("aten::acos");

  /**
   * @throws IllegalArgumentException if margin or scale is not a number, or the distance is no
   *     {@link CosineSimilarity}
   */
  public TupletMarginLoss {
    Inputs.requireNumber("margin", margin);
    Inputs.requireNumber("scale", scale);
    DistanceTypes.requireCosine("TupletMarginLoss", distance);
  }

  public TupletMarginLoss(double margin, double scale) {
    this(margin, scale, new CosineSimilarity(), new MeanReducer());
  }

  public TupletMarginLoss() {
    this(5.73, 64);
  }

  public TupletMarginLoss withMargin(double margin) {
    return new TupletMarginLoss(margin, scale, distance, reducer);
  }

  public TupletMarginLoss withScale(double scale) {
    return new TupletMarginLoss(margin, scale, distance, reducer);
  }

  @Override
  public TupletMarginLoss with(Distance distance) {
    return new TupletMarginLoss(margin, scale, distance, reducer);
  }

  @Override
  public TupletMarginLoss with(Reducer reducer) {
    return new TupletMarginLoss(margin, scale, distance, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    return PairBatch.eachPositive(input, distance, this::losses);
  }

  /**
   * {@code avg_pos_angle} and {@code avg_neg_angle}, in degrees, 0 where there is nothing to learn
   * from.
   */
  @Override
  public Map<String, Double> stats(LossInput input, Map<String, LossTerms> terms) {
    Map<String, Double> stats = new LinkedHashMap<>();
    try (Autograd.Mode off = Autograd.noGrad()) {
      Optional<PairBatch> batch = PairBatch.of(input, distance).filter(PairBatch::hasBothSides);
      stats.put("avg_pos_angle", batch.map(b -> meanAngle(b.mat(), b.positives())).orElse(0.0));
      stats.put("avg_neg_angle", batch.map(b -> meanAngle(b.mat(), b.negatives())).orElse(0.0));
    }
    return stats;
  }

  private static double meanAngle(Tensor cosines, PairSide side) {
    List<Tensor> indices = side.indices();
    Tensor values = cosines.index(indices.getFirst(), indices.getLast());
    return Math.toDegrees(ACOS.callTensor(values.clamp(-1.0, 1.0)).mean().item());
  }

  private Tensor losses(PairBatch batch, Tensor values, List<Tensor> indices) {
    Tensor negatives = batch.negatives().logSumExp(batch.mat().mul(scale));
    return Sums.logOnePlusExp(
        negatives.indexSelect(0, indices.getFirst()).sub(nearer(values).mul(scale)));
  }

  /** cos(θ − margin) of cos θ, as cos θ cos margin + sin θ sin margin. */
  private Tensor nearer(Tensor cosines) {
    double angle = Math.toRadians(margin);
    Tensor squared = cosines.rsub(1).mul(cosines.add(1.0));
    Tensor none = squared.le(0);
    Tensor sines = squared.maskedFill(none, 1).sqrt().maskedFill(none, 0);
    return cosines.mul(Math.cos(angle)).add(sines.mul(Math.sin(angle)));
  }
}
