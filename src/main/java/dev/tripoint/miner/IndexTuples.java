package dev.tripoint.miner;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What a miner found: pairs or triplets, as int64 tensors of indices. Anchors index the embeddings;
 * positives and negatives index the references, which are the embeddings themselves where none were
 * given. The tensors belong to the scope that was open when they were made; without one, {@link
 * #close} frees them.
 */
public sealed interface IndexTuples extends AutoCloseable permits Pairs, Triplets {

  /** The tensors, in the order of pytorch-metric-learning's tuples. */
  List<Tensor> tensors();

  /** The same tuples with each tensor replaced by what the function gives for it. */
  IndexTuples map(UnaryOperator<Tensor> function);

  /** Frees the tensors. */
  @Override
  default void close() {
    tensors().forEach(Tensor::close);
  }

  /** Checks that tensors that belong together are indices, and equally many. */
  static void requireMatching(String firstName, Tensor first, String secondName, Tensor second) {
    requireIndices(firstName, first);
    requireIndices(secondName, second);
    if (first.numel() != second.numel()) {
      throw new IllegalArgumentException(
          "%s and %s must be equally many, but are %d and %d"
              .formatted(firstName, secondName, first.numel(), second.numel()));
    }
  }

  private static void requireIndices(String name, Tensor t) {
    if (t.dtype() != DType.INT64 || t.dim() != 1) {
      throw new IllegalArgumentException(
          "%s must be int64 of one dimension, but is %s of shape %s"
              .formatted(name, t.dtype().torchName(), Arrays.toString(t.sizes())));
    }
  }
}
