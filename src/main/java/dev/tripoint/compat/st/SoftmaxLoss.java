package dev.tripoint.compat.st;

import dev.tripoint.nn.Functional;
import dev.tripoint.nn.Linear;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.ArrayList;
import java.util.List;

/**
 * The class of a pair, by a linear layer over what two embeddings have to say: {@code
 * st.SoftmaxLoss}. The layer learns with the embeddings.
 *
 * @param classifier from the numbers of a pair to the classes
 * @param concatenationSentRep both embeddings are among those numbers; true by default
 * @param concatenationSentDifference |x − y| is among them; true by default
 * @param concatenationSentMultiplication x · y, number by number, is among them; false by default
 */
public record SoftmaxLoss(
    Linear classifier,
    boolean concatenationSentRep,
    boolean concatenationSentDifference,
    boolean concatenationSentMultiplication) {

  /**
   * @throws IllegalArgumentException if nothing is to be concatenated
   */
  public SoftmaxLoss {
    requireAny(concatenationSentRep, concatenationSentDifference, concatenationSentMultiplication);
  }

  /** With a new layer of float32, drawn from LibTorch's default generator. */
  public SoftmaxLoss(long embeddingDimension, long numLabels) {
    this(embeddingDimension, numLabels, true, true, false);
  }

  /** With a new layer of float32, drawn from LibTorch's default generator. */
  public SoftmaxLoss(
      long embeddingDimension,
      long numLabels,
      boolean concatenationSentRep,
      boolean concatenationSentDifference,
      boolean concatenationSentMultiplication) {
    this(
        new Linear(
            embeddingDimension
                * requireAny(
                    concatenationSentRep,
                    concatenationSentDifference,
                    concatenationSentMultiplication),
            numLabels),
        concatenationSentRep,
        concatenationSentDifference,
        concatenationSentMultiplication);
  }

  private static long requireAny(boolean rep, boolean difference, boolean multiplication) {
    long vectors = (rep ? 2L : 0L) + (difference ? 1 : 0) + (multiplication ? 1 : 0);
    if (vectors == 0) {
      throw new IllegalArgumentException(
          "one of concatenation_sent_rep, _difference and _multiplication must be true");
    }
    return vectors;
  }

  /**
   * The loss of pairs.
   *
   * @param anchor floats, [N, D]
   * @param other floats of the same dtype, [N, D]
   * @param targets any integers, [N]: classes from 0
   * @return a single value, the mean of the cross entropies
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor anchor, Tensor other, Tensor targets) {
    Tensor wanted = Rows.requireTargets(targets, anchor);
    return Rows.scoped(
        () -> Functional.crossEntropy(logits(anchor, other), wanted.to(DType.INT64)));
  }

  /** What the layer says of pairs: [N, classes]. */
  public Tensor logits(Tensor anchor, Tensor other) {
    Rows.require(anchor, other);
    return Rows.scoped(() -> {
      List<Tensor> vectors = new ArrayList<>();
      if (concatenationSentRep) {
        vectors.add(anchor);
        vectors.add(other);
      }
      if (concatenationSentDifference) {
        vectors.add(anchor.sub(other).abs());
      }
      if (concatenationSentMultiplication) {
        vectors.add(anchor.mul(other));
      }
      return classifier.forward(Torch.cat(vectors, 1).to(classifier.weight().dtype()));
    });
  }
}
