package dev.tripoint.loss;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What all metric losses do first and last. */
final class Losses {

  private Losses() {}

  static LossInput checked(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb,
      boolean needsRelation) {
    Tensor ref = refEmb == null ? embeddings : refEmb;
    if (relation == null) {
      if (needsRelation && tuples == null) {
        throw new IllegalArgumentException("labels and tuples cannot both be missing");
      }
      Inputs.requireBatch(embeddings, null, refEmb, null);
      return new LossInput(embeddings, null, tuples, ref);
    }
    Relation held;
    if ((tuples != null || !needsRelation)
        && relation instanceof Relation.Labels by
        && by.refLabels() == null) {
      // Nobody asks for what belongs together, so the references may go without labels.
      Inputs.requireBatch(embeddings, by.labels(), refEmb, null);
      held = relation;
    } else {
      held = Inputs.requireBatch(embeddings, relation, refEmb);
    }
    return new LossInput(embeddings, held, tuples, ref);
  }

  /**
   * The labels that say all of a batch that is its own reference, null where something else does.
   */
  static @Nullable Tensor ownLabels(
      Tensor embeddings, @Nullable Relation relation, @Nullable Tensor refEmb) {
    return relation instanceof Relation.Labels by
            && by.self()
            && (refEmb == null || refEmb.equals(embeddings))
        ? by.labels()
        : null;
  }

  /** What a loss gives by its terms. */
  static LossResult ofTerms(
      MetricLoss loss,
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    LossInput input = checked(embeddings, relation, tuples, refEmb, loss.needsRelation());
    Tensor labels = input.relation() == null ? null : input.relation().labelsOrNull();
    try (TensorScope scope = TensorScope.open()) {
      Map<String, LossTerms> terms = loss.terms(input);
      Map<String, Double> stats = new LinkedHashMap<>(loss.stats(input, terms));
      List<Tensor> reduced = new ArrayList<>();
      terms.forEach((name, each) -> {
        Reducer reducer = loss.reducer().forTerms(name);
        reduced.add(reducer.reduce(each, embeddings, labels));
        reducer
            .stats(each)
            .forEach((key, value) -> stats.put(terms.size() == 1 ? key : name + "." + key, value));
      });
      return new LossResult(scope.keep(sum(reduced).retain()), stats);
    }
  }

  static Tensor sum(List<Tensor> reduced) {
    if (reduced.size() == 1) {
      return reduced.getFirst();
    }
    if (reduced.stream().allMatch(t -> t.dim() == 0)) {
      return reduced.stream().reduce(Tensor::add).orElseThrow();
    }
    return Torch.cat(reduced.stream().map(t -> t.reshape(-1)).toList(), 0);
  }
}
