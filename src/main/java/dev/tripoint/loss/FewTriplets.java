package dev.tripoint.loss;

import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/**
 * A triplet margin loss on the operator {@code tripoint::triplet_margin}, which computes the
 * distances of the triplets alone. It serves mined or drawn triplets of a batch that is its own
 * reference. Where they turn out to be many, the loss is computed from them without it.
 *
 * @param distance the loss's
 */
record FewTriplets(
    TripletMarginLoss loss,
    Tensor embeddings,
    @Nullable Relation relation,
    @Nullable IndexTuples tuples,
    OperatorDistance distance)
    implements OperatorCall {

  private static final LossOperator TRIPLET_MARGIN = LossOperator.of("tripoint::triplet_margin");

  /** With more for each row the matrix of all distances is made in less time. */
  private static final long MOST_PER_ROW = 16;

  /** The call that gives what the loss would give; null where the operator does not serve. */
  static @Nullable FewTriplets of(
      TripletMarginLoss loss,
      OperatorDistance distance,
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    boolean self = refEmb == null || refEmb.equals(embeddings);
    return self && OperatorDistance.serves(embeddings)
        ? new FewTriplets(loss, embeddings, relation, tuples, distance)
        : null;
  }

  @Override
  public LossResult compute() {
    try (TensorScope scope = TensorScope.open()) {
      Triplets triplets = triplets();
      LossResult result =
          few(triplets)
              ? TRIPLET_MARGIN.compute(
                  (stats, results) ->
                      OperatorReduction.record(
                          stats, "", loss.reducer(), triplets.count(), (Tensor) results.get(1)),
                  arguments(triplets))
              : Losses.ofTerms(loss, embeddings, relation, triplets, null);
      return new LossResult(scope.keep(result.loss()), result.stats());
    }
  }

  @Override
  public LossGradient lossAndGradient() {
    try (TensorScope scope = TensorScope.open()) {
      Triplets triplets = triplets();
      LossGradient found =
          few(triplets)
              ? TRIPLET_MARGIN.lossAndGradient(arguments(triplets))
              : LossGradient.byAutograd(
                  embeddings, leaf -> Losses.ofTerms(loss, leaf, relation, triplets, null).loss());
      return new LossGradient(scope.keep(found.loss()), scope.keep(found.gradient()));
    }
  }

  /** In the open scope. */
  private Triplets triplets() {
    return Losses.checked(embeddings, relation, tuples, null, true)
        .triplets(loss.tripletsPerAnchor(), loss.generator());
  }

  private boolean few(Triplets triplets) {
    return triplets.count() > 0 && triplets.count() <= MOST_PER_ROW * embeddings.size(0);
  }

  private @Nullable Object[] arguments(Triplets triplets) {
    return new Object[] {
      embeddings,
      triplets.anchor(),
      triplets.positive(),
      triplets.negative(),
      loss.margin(),
      distance.word(),
      distance.normalize(),
      loss.swap(),
      loss.smoothLoss(),
      OperatorReduction.word(loss.reducer())
    };
  }
}
