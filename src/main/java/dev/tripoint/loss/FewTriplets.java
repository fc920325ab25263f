package dev.tripoint.loss;

import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.reducer.AvgNonZeroReducer;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.SumReducer;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A triplet margin loss on the operator {@code tripoint::triplet_margin}, which computes the
 * distances of the triplets alone. It serves mined or drawn triplets of a batch that is its own
 * reference, where they are few.
 *
 * @param loss the loss
 * @param known its distance
 * @param reduction its reducer in the operator's word
 */
record FewTriplets(TripletMarginLoss loss, OperatorDistance known, String reduction) {

  private static final Op FACE = Op.of("tripoint::triplet_margin");
  private static final Op RAW = Op.of("tripoint::triplet_margin_raw");

  /** With more for each row the matrix of all distances is made in less time. */
  private static final long MOST_PER_ROW = 16;

  /** For a loss on a batch, null where the operator does not serve. */
  static @Nullable FewTriplets of(
      TripletMarginLoss loss,
      Tensor embeddings,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    boolean all = tuples == null && loss.tripletsPerAnchor().isEmpty();
    boolean self = refEmb == null || refEmb.equals(embeddings);
    DType dtype = embeddings.dtype();
    OperatorDistance known = OperatorDistance.of(loss.distance());
    String reduction = reduction(loss.reducer());
    if (all
        || !self
        || known == null
        || known.isProduct()
        || reduction == null
        || !Double.isFinite(loss.margin())
        || (dtype != DType.FLOAT32 && dtype != DType.FLOAT64)
        || !OperatorDistance.serves(embeddings)) {
      return null;
    }
    return new FewTriplets(loss, known, reduction);
  }

  /** The triplets, in the open scope. */
  Triplets triplets(Tensor embeddings, @Nullable Relation relation, @Nullable IndexTuples tuples) {
    return Losses.checked(embeddings, relation, tuples, null, true)
        .triplets(loss.tripletsPerAnchor(), loss.generator());
  }

  /** Whether the operator is worth calling for them. */
  boolean serves(Tensor embeddings, Triplets triplets) {
    return triplets.count() > 0 && triplets.count() <= MOST_PER_ROW * embeddings.size(0);
  }

  /** The loss, with what its reducer records. */
  LossResult compute(Tensor embeddings, Triplets triplets) {
    try (TensorScope scope = TensorScope.open()) {
      List<Object> found = FACE.call(arguments(embeddings, triplets));
      Map<String, Double> stats = new LinkedHashMap<>();
      stats.put("losses_size", (double) triplets.count());
      if (loss.reducer() instanceof AvgNonZeroReducer) {
        double active = ((Tensor) found.get(1)).itemLong();
        stats.put("num_past_filter", active);
        stats.put("num_above_low", active);
      }
      return new LossResult(scope.keep((Tensor) found.getFirst()), stats);
    }
  }

  LossGradient lossAndGradient(Tensor embeddings, Triplets triplets) {
    return LossGradient.from(RAW, arguments(embeddings, triplets));
  }

  private Object[] arguments(Tensor embeddings, Triplets triplets) {
    return new Object[] {
      embeddings,
      triplets.anchor(),
      triplets.positive(),
      triplets.negative(),
      loss.margin(),
      known.word(),
      known.normalize(),
      loss.swap(),
      loss.smoothLoss(),
      reduction
    };
  }

  private static @Nullable String reduction(Reducer reducer) {
    return switch (reducer) {
      case MeanReducer _ -> "mean";
      case AvgNonZeroReducer _ -> "nonzero_mean";
      case SumReducer _ -> "sum";
      default -> null;
    };
  }
}
