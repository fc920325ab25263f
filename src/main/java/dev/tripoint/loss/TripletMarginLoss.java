package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.reducer.AvgNonZeroReducer;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The triplet margin loss over a batch: {@code pml.TripletMarginLoss}. Each triplet costs max(0,
 * d_ap − d_an + margin), or softplus of the same sum; similarities count the other way round. A
 * batch without triplets gives 0 with gradient 0. {@code torch.nn}'s loss on explicit rows is
 * {@link dev.tripoint.nn.TripletMarginLoss}.
 *
 * <p>With {@code swap} and references, the distance between positive and negative is taken among
 * the references, where the source fails.
 *
 * <p>In float32 or float64 on the CPU, with a distance of {@link
 * dev.tripoint.distance.OperatorDistance} and a reducer that makes one number of all losses, it
 * runs on operators that need no N² memory and have no second derivative. All triplets, with a
 * relation of {@link dev.tripoint.miner.OperatorRelation} and without swap and softplus, run on
 * {@code tripoint::batch_all}, which lists none; mined or drawn ones of a batch that is its own
 * reference on {@code tripoint::triplet_margin} where they are few.
 *
 * @param margin 0.05 by default
 * @param swap whether the positive's distance to the negative replaces the anchor's where it is the
 *     smaller; false by default
 * @param smoothLoss whether softplus replaces max(0, ·); false by default
 * @param tripletsPerAnchor how many random triplets for each anchor; empty, the default, for all
 *     triplets
 * @param distance {@link LpDistance} with its defaults by default
 * @param reducer {@link AvgNonZeroReducer} by default
 * @param generator where random triplets come from; null, the default, for LibTorch's global
 *     generator
 */
public record TripletMarginLoss(
    double margin,
    boolean swap,
    boolean smoothLoss,
    OptionalInt tripletsPerAnchor,
    Distance distance,
    Reducer reducer,
    @Nullable Generator generator)
    implements MetricLoss, WithDistance<TripletMarginLoss>, WithReducer<TripletMarginLoss> {

  /**
   * @throws IllegalArgumentException if the margin is not a number or tripletsPerAnchor is below 1
   */
  public TripletMarginLoss {
    Inputs.requireNumber("margin", margin);
    if (tripletsPerAnchor.isPresent() && tripletsPerAnchor.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "tripletsPerAnchor must be 1 or more, but is " + tripletsPerAnchor.getAsInt());
    }
  }

  public TripletMarginLoss(double margin, boolean swap, boolean smoothLoss) {
    this(
        margin,
        swap,
        smoothLoss,
        OptionalInt.empty(),
        new LpDistance(),
        new AvgNonZeroReducer(),
        null);
  }

  public TripletMarginLoss(double margin) {
    this(margin, false, false);
  }

  public TripletMarginLoss() {
    this(0.05);
  }

  public TripletMarginLoss withMargin(double margin) {
    return new TripletMarginLoss(
        margin, swap, smoothLoss, tripletsPerAnchor, distance, reducer, generator);
  }

  public TripletMarginLoss withSwap(boolean swap) {
    return new TripletMarginLoss(
        margin, swap, smoothLoss, tripletsPerAnchor, distance, reducer, generator);
  }

  public TripletMarginLoss withSmoothLoss(boolean smoothLoss) {
    return new TripletMarginLoss(
        margin, swap, smoothLoss, tripletsPerAnchor, distance, reducer, generator);
  }

  /** With this many random triplets for each anchor. */
  public TripletMarginLoss withTripletsPerAnchor(int count) {
    return new TripletMarginLoss(
        margin, swap, smoothLoss, OptionalInt.of(count), distance, reducer, generator);
  }

  /** With all triplets. */
  public TripletMarginLoss withAllTriplets() {
    return new TripletMarginLoss(
        margin, swap, smoothLoss, OptionalInt.empty(), distance, reducer, generator);
  }

  @Override
  public TripletMarginLoss with(Distance distance) {
    return new TripletMarginLoss(
        margin, swap, smoothLoss, tripletsPerAnchor, distance, reducer, generator);
  }

  @Override
  public TripletMarginLoss with(Reducer reducer) {
    return new TripletMarginLoss(
        margin, swap, smoothLoss, tripletsPerAnchor, distance, reducer, generator);
  }

  /**
   * With random triplets drawn from this generator, which the caller keeps open and uses from one
   * thread at a time.
   */
  public TripletMarginLoss with(@Nullable Generator generator) {
    return new TripletMarginLoss(
        margin, swap, smoothLoss, tripletsPerAnchor, distance, reducer, generator);
  }

  @Override
  public @Nullable OperatorCall onOperator(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    DType dtype = embeddings.dtype();
    OperatorDistance known = OperatorDistance.of(distance);
    if (known == null
        || OperatorReduction.word(reducer) == null
        || !Double.isFinite(margin)
        || (dtype != DType.FLOAT32 && dtype != DType.FLOAT64)) {
      return null;
    }
    return tuples == null && tripletsPerAnchor.isEmpty()
        ? AllTriplets.of(this, known, embeddings, relation, refEmb)
        : FewTriplets.of(this, known, embeddings, relation, tuples, refEmb);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    Triplets triplets = input.triplets(tripletsPerAnchor, generator);
    if (triplets.count() == 0) {
      return LossTerms.none(input.embeddings()).alone();
    }
    Tensor losses = losses(input.embeddings(), input.refEmb(), triplets);
    return new LossTerms(losses, LossTerms.Kind.TRIPLET, triplets.tensors()).alone();
  }

  private Tensor losses(Tensor embeddings, Tensor ref, Triplets triplets) {
    Tensor mat = distance.matrix(embeddings, ref);
    Tensor positive = mat.index(triplets.anchor(), triplets.positive());
    Tensor negative = mat.index(triplets.anchor(), triplets.negative());
    if (swap) {
      Tensor among = ref.equals(embeddings) ? mat : distance.matrix(ref, ref);
      negative =
          distance.smallestDist(negative, among.index(triplets.positive(), triplets.negative()));
    }
    Tensor violation = distance.margin(positive, negative).add(margin);
    return smoothLoss ? violation.softplus() : violation.relu();
  }
}
