package dev.tripoint.loss;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.List;
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
