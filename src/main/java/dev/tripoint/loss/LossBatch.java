package dev.tripoint.loss;

import dev.tripoint.miner.OperatorRelation;
import dev.tripoint.miner.Relation;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Device;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/**
 * A batch in the arguments of Tripoint's operators that give a loss for one, which hold no matrix
 * of all pairs.
 *
 * @param relation as it was given, as is {@code refEmb}
 * @param by the same in the operators' arguments
 */
record LossBatch(
    Tensor embeddings, Relation relation, @Nullable Tensor refEmb, OperatorRelation by) {

  /** The batch, checked; null where the operators have no arguments for it. */
  static @Nullable LossBatch of(
      Tensor embeddings, @Nullable Relation relation, @Nullable Tensor refEmb) {
    if (relation == null || !embeddings.device().equals(Device.CPU)) {
      return null;
    }
    Relation held = Losses.checked(embeddings, relation, null, refEmb, true).relation();
    OperatorRelation by = held == null ? null : OperatorRelation.of(held, embeddings, refEmb);
    return by == null ? null : new LossBatch(embeddings, relation, refEmb, by);
  }

  /** Whether all rows are finite. Among others the operators go by rules of their own. */
  boolean isFinite() {
    return by.serves(embeddings);
  }

  /** An operator's arguments with these of its own. */
  @Nullable Object[] arguments(@Nullable Object... own) {
    return by.arguments(embeddings, own);
  }

  /** Calls an operator that gives loss and gradient, and nothing is recorded for autograd. */
  LossGradient lossAndGradient(Op raw, @Nullable Object... own) {
    if (by.refEmb() == null) {
      return LossGradient.from(raw, arguments(own));
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor[] found = call(raw, 2, own);
      return new LossGradient(scope.keep(found[0]), scope.keep(ofEmbeddings(found[1])));
    }
  }

  /**
   * The same call as it is.
   *
   * @return so many of its results, in the open scope
   */
  Tensor[] call(Op raw, int results, @Nullable Object... own) {
    try (Autograd.Mode _ = Autograd.noGrad()) {
      return raw.callTensors(results, arguments(own));
    }
  }

  /** What is the embeddings' of a gradient whose rows are theirs and then those of references. */
  Tensor ofEmbeddings(Tensor gradient) {
    if (by.refEmb() == null) {
      return gradient;
    }
    long rows = embeddings.size(0);
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode _ = Autograd.noGrad()) {
      Tensor own = gradient.narrow(0, 0, rows);
      boolean same = embeddings.equals(refEmb);
      return scope.keep(same ? own.add(gradient.narrow(0, rows, rows)) : own.copy());
    }
  }
}
