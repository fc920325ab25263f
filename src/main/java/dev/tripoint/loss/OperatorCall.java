package dev.tripoint.loss;

/**
 * What a loss gives for a batch, from an operator that finds the gradient with the loss. It holds
 * the batch and is used at once.
 */
public interface OperatorCall {

  /** The loss, differentiable, with what its reducer records. */
  LossResult compute();

  /** Both in one call, and nothing is recorded for autograd. */
  LossGradient lossAndGradient();
}
