package dev.tripoint.loss;

import dev.tripoint.tensor.Tensor;
import java.util.List;

/**
 * A metric loss that learns weights of its own. They are tensors like a network's: they belong to
 * the scope that is open where the loss is made (make it outside the scope of a training step), or
 * to the caller. They ask for a gradient, and an optimizer takes them beside the network's.
 */
public interface LearntLoss extends MetricLoss {

  /** What an optimizer brings down the loss by. */
  List<Tensor> parameters();
}
