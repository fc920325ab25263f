package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Triplets;
import dev.tripoint.reducer.DivisorReducer;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The margin loss with a boundary between near and far: {@code pml.MarginLoss}. Each triplet costs
 * max(0, d_ap − beta + margin) + max(0, beta − d_an + margin); similarities count the other way
 * round. By default the sum is divided by how many of the two parts are above 0. Where beta is
 * learnt, {@code beta_reg_loss} adds nu · beta: once for a single beta, else that of each triplet's
 * anchor, divided as the triplets are. A batch without triplets gives 0 with gradient 0.
 *
 * @param margin 0.2 by default
 * @param nu the weight of a learnt beta's own cost; 0 by default
 * @param beta the boundary
 * @param tripletsPerAnchor how many random triplets for each anchor; empty, the default, for all
 *     triplets
 * @param distance {@link LpDistance} with its defaults by default
 * @param reducer {@link DivisorReducer} by default
 * @param generator where random triplets come from; null, the default, for LibTorch's global
 *     generator
 */
public record MarginLoss(
    double margin,
    double nu,
    Boundary beta,
    OptionalInt tripletsPerAnchor,
    Distance distance,
    Reducer reducer,
    @Nullable Generator generator)
    implements MetricLoss, WithDistance<MarginLoss>, WithReducer<MarginLoss> {

  /**
   * The boundary between positives and negatives: one value, or one for each class.
   *
   * @param start what it is until it is learnt, rounded to float32 as in the source; 1.2 by default
   * @param numClasses how many classes have a boundary each, with labels from 0 to one less; empty,
   *     the default, for one boundary for all
   * @param learn whether it is learnt, so that it costs something itself; false by default
   * @param learnt floats with as many entries as there are boundaries, which the caller keeps open
   *     and optimises; null, the default, for {@code start}
   */
  public record Boundary(
      double start, OptionalInt numClasses, boolean learn, @Nullable Tensor learnt) {

    /**
     * @throws IllegalArgumentException if start is not a number, numClasses is below 1, or learnt
     *     has another number of entries
     */
    public Boundary {
      Inputs.requireNumber("beta", start);
      if (numClasses.isPresent() && numClasses.getAsInt() < 1) {
        throw new IllegalArgumentException(
            "numClasses must be 1 or more, but is " + numClasses.getAsInt());
      }
      if (learnt != null && learnt.numel() != numClasses.orElse(1)) {
        throw new IllegalArgumentException(
            "beta must have %d entries, but has %d"
                .formatted(numClasses.orElse(1), learnt.numel()));
      }
    }

    public Boundary(double start) {
      this(start, OptionalInt.empty(), false, null);
    }

    private boolean single() {
      return numClasses.orElse(1) == 1;
    }

    /** The boundary of each anchor, [K], or the one of all, [1]. */
    private Tensor of(LossInput input, Tensor anchors) {
      DType dtype = input.embeddings().dtype();
      Tensor each =
          learnt == null
              ? Torch.full((float) start, dtype, numClasses.orElse(1))
              : learnt.reshape(-1).to(dtype);
      if (single()) {
        return each;
      }
      Tensor classes =
          input
              .requireLabels("MarginLoss with a beta for each class")
              .to(DType.INT64)
              .indexSelect(0, anchors);
      if (classes.lt(0).logicalOr(classes.ge(each.numel())).any().itemBoolean()) {
        throw new IllegalArgumentException(
            "labels must be from 0 to %d where each of %d classes has a beta"
                .formatted(each.numel() - 1, each.numel()));
      }
      return each.indexSelect(0, classes);
    }
  }

  /**
   * @throws IllegalArgumentException if margin or nu is not a number, or tripletsPerAnchor is below
   *     1
   */
  public MarginLoss {
    Inputs.requireNumber("margin", margin);
    Inputs.requireNumber("nu", nu);
    if (tripletsPerAnchor.isPresent() && tripletsPerAnchor.getAsInt() < 1) {
      throw new IllegalArgumentException(
          "tripletsPerAnchor must be 1 or more, but is " + tripletsPerAnchor.getAsInt());
    }
  }

  public MarginLoss(double margin, double nu, Boundary beta) {
    this(margin, nu, beta, OptionalInt.empty(), new LpDistance(), new DivisorReducer(), null);
  }

  public MarginLoss(double margin, double nu, double beta) {
    this(margin, nu, new Boundary(beta));
  }

  public MarginLoss() {
    this(0.2, 0, 1.2);
  }

  public MarginLoss withMargin(double margin) {
    return new MarginLoss(margin, nu, beta, tripletsPerAnchor, distance, reducer, generator);
  }

  public MarginLoss withNu(double nu) {
    return new MarginLoss(margin, nu, beta, tripletsPerAnchor, distance, reducer, generator);
  }

  public MarginLoss withBeta(Boundary beta) {
    return new MarginLoss(margin, nu, beta, tripletsPerAnchor, distance, reducer, generator);
  }

  /** With this many random triplets for each anchor. */
  public MarginLoss withTripletsPerAnchor(int count) {
    return new MarginLoss(margin, nu, beta, OptionalInt.of(count), distance, reducer, generator);
  }

  /** With all triplets. */
  public MarginLoss withAllTriplets() {
    return new MarginLoss(margin, nu, beta, OptionalInt.empty(), distance, reducer, generator);
  }

  @Override
  public MarginLoss with(Distance distance) {
    return new MarginLoss(margin, nu, beta, tripletsPerAnchor, distance, reducer, generator);
  }

  @Override
  public MarginLoss with(Reducer reducer) {
    return new MarginLoss(margin, nu, beta, tripletsPerAnchor, distance, reducer, generator);
  }

  /**
   * With random triplets drawn from this generator, which the caller keeps open and uses from one
   * thread at a time.
   */
  public MarginLoss with(@Nullable Generator generator) {
    return new MarginLoss(margin, nu, beta, tripletsPerAnchor, distance, reducer, generator);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    Triplets triplets = input.triplets(tripletsPerAnchor, generator);
    Map<String, LossTerms> terms = new LinkedHashMap<>();
    if (triplets.count() == 0) {
      LossTerms none = LossTerms.none(input.embeddings());
      terms.put("margin_loss", none);
      terms.put("beta_reg_loss", none);
      return terms;
    }
    Tensor boundary = beta.of(input, triplets.anchor());
    Tensor mat = distance.matrix(input.embeddings(), input.refEmb());
    Tensor positive = mat.index(triplets.anchor(), triplets.positive());
    Tensor negative = mat.index(triplets.anchor(), triplets.negative());
    Tensor far = distance.margin(positive, boundary).add(margin).relu();
    Tensor near = distance.margin(boundary, negative).add(margin).relu();
    double active = far.gt(0).sum().add(near.gt(0).sum()).item();
    terms.put(
        "margin_loss",
        new LossTerms(far.add(near), LossTerms.Kind.TRIPLET, triplets.tensors())
            .withDivisor(active));
    terms.put("beta_reg_loss", ownCost(input, boundary, triplets.anchor(), active));
    return terms;
  }

  private LossTerms ownCost(LossInput input, Tensor boundary, Tensor anchors, double active) {
    if (!beta.learn()) {
      return LossTerms.none(input.embeddings());
    }
    Tensor cost = boundary.mul(nu);
    return beta.single()
        ? new LossTerms(cost.sum(), LossTerms.Kind.ALREADY_REDUCED, List.of())
        : new LossTerms(cost, LossTerms.Kind.ELEMENT, List.of(anchors)).withDivisor(active);
  }
}
