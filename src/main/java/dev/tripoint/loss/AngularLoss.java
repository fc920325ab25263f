package dev.tripoint.loss;

import dev.tripoint.miner.Pairs;
import dev.tripoint.nn.Functional;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.List;
import java.util.Map;

/**
 * The angular loss: {@code pml.AngularLoss}. Each positive pair (a, p) costs log(1 + Σₙ exp(4 tan²α
 * (a + p)·n − 2 (1 + tan²α) a·p)) over all negatives n of a, whatever the tuples say of negatives.
 * Anchors and positives are normalised; negatives count as they are, as in the source. A batch
 * without a positive pair or without a negative pair gives 0 with gradient 0.
 *
 * @param alpha the angle at the negative, in degrees; 40 by default
 * @param reducer {@link MeanReducer} by default
 */
public record AngularLoss(double alpha, Reducer reducer)
    implements MetricLoss, WithReducer<AngularLoss> {

  private static final Op CDIST = Op.of("aten::cdist");

  /** Makes cdist take differences, which stay exact where vectors are close. */
  private static final long WITHOUT_PRODUCTS = 2;

  /**
   * @throws IllegalArgumentException if alpha is not a finite number
   */
  public AngularLoss {
    if (!Double.isFinite(alpha)) {
      throw new IllegalArgumentException("alpha must be a finite number, but is " + alpha);
    }
  }

  public AngularLoss(double alpha) {
    this(alpha, new MeanReducer());
  }

  public AngularLoss() {
    this(40);
  }

  public AngularLoss withAlpha(double alpha) {
    return new AngularLoss(alpha, reducer);
  }

  @Override
  public AngularLoss with(Reducer reducer) {
    return new AngularLoss(alpha, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    Tensor negatives = negatives(input);
    Pairs pairs = input.pairs();
    if (isEmpty(pairs)) {
      return LossTerms.none(input.embeddings()).alone();
    }
    Sides sides = Sides.of(input, pairs.anchorPositive(), pairs.positive());
    double tangent = Math.tan(Math.toRadians(alpha));
    double square = tangent * tangent;
    Tensor between = sides.anchors.mul(sides.positives).sum(1, true);
    Tensor outside = sides.anchors.add(sides.positives).mm(input.refEmb().t());
    Tensor exponents = outside.mul(4 * square).sub(between.mul(2 * (1 + square)));
    Tensor among = negatives.indexSelect(0, pairs.anchorPositive());
    Tensor losses = Sums.logOnePlusExp(Sums.logSumExp(exponents, among));
    return new LossTerms(
            losses, LossTerms.Kind.POS_PAIR, List.of(pairs.anchorPositive(), pairs.positive()))
        .alone();
  }

  /**
   * {@code average_angle}: the mean angle in degrees that half a pair spans seen from the negatives
   * of its anchor; 0 where there is none.
   */
  @Override
  public Map<String, Double> stats(LossInput input, Map<String, LossTerms> terms) {
    List<Tensor> indices = terms.get("loss").indices();
    if (indices.isEmpty()) {
      return Map.of("average_angle", 0.0);
    }
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      Sides sides = Sides.of(input, indices.getFirst(), indices.getLast());
      Tensor centers = sides.anchors.add(sides.positives).div(2);
      Tensor apart = Functional.pairwiseDistance(sides.anchors, sides.positives).unsqueeze(1);
      Tensor away = CDIST.callTensor(wide(centers), wide(input.refEmb()), 2.0, WITHOUT_PRODUCTS);
      Tensor angles =
          apart
              .div(away.mul(2))
              .atan()
              .maskedSelect(negatives(input).indexSelect(0, indices.getFirst()));
      double mean = angles.numel() == 0 ? 0 : angles.mean().item();
      return Map.of("average_angle", Math.toDegrees(mean));
    }
  }

  /** LibTorch has no distances in half precision. */
  private static Tensor wide(Tensor rows) {
    return rows.dtype() == DType.FLOAT64 ? rows : rows.to(DType.FLOAT32);
  }

  private static Tensor negatives(LossInput input) {
    return input.requireRelation("AngularLoss").matches().diffs();
  }

  private static boolean isEmpty(Pairs pairs) {
    return pairs.anchorPositive().numel() == 0 || pairs.anchorNegative().numel() == 0;
  }

  /** The normalised rows of positive pairs. */
  private record Sides(Tensor anchors, Tensor positives) {
    static Sides of(LossInput input, Tensor anchor, Tensor positive) {
      return new Sides(
          Functional.normalize(input.embeddings().indexSelect(0, anchor)),
          Functional.normalize(input.refEmb().indexSelect(0, positive)));
    }
  }
}
