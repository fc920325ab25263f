package dev.tripoint.loss;

import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A loss and its gradient by the embeddings; see {@link Loss#lossAndGradient(Tensor, Tensor)}.
 * Neither requires a gradient. Both belong to the scope that was open on the thread that made them.
 *
 * @param loss a single value
 * @param gradient contiguous, [N, D], of the dtype of the embeddings
 */
public record LossGradient(Tensor loss, Tensor gradient) {

  /**
   * What an operator gives whose first two results are a loss and its gradient, such as {@code
   * tripoint::batch_hard_raw}. Other results are let go. Nothing is recorded for autograd.
   *
   * @param operator from any namespace
   * @param arguments as for {@link Op#call}
   * @throws dev.tripoint.tensor.TensorException as {@link Op#call}, or when the operator has other
   *     results
   */
  public static LossGradient from(Op operator, @Nullable Object... arguments) {
    try (Autograd.Mode _ = Autograd.noGrad()) {
      Tensor[] found = operator.callTensors(2, arguments);
      return new LossGradient(found[0], found[1]);
    }
  }

  /** What autograd finds, for embeddings in the place of those given, whose own are left alone. */
  static LossGradient byAutograd(Tensor embeddings, UnaryOperator<Tensor> loss) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode _ = Autograd.enableGrad()) {
      if (!Autograd.isGradEnabled()) {
        throw new IllegalStateException(
            "inference mode is on, and the gradient of this loss is found by autograd");
      }
      Tensor leaf = embeddings.detach().requiresGrad(true);
      Tensor value = loss.apply(leaf);
      Tensor gradient =
          value.requiresGrad()
              ? Autograd.grad(List.of(value), List.of(leaf), null, false, false, true).getFirst()
              : null;
      return new LossGradient(
          scope.keep(value.detach()),
          scope.keep(gradient == null ? Torch.zerosLike(leaf) : gradient.contiguous()));
    }
  }
}
