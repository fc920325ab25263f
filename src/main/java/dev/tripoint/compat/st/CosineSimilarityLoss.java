package dev.tripoint.compat.st;

import dev.tripoint.nn.Functional;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * The cosine of each pair against its target: {@code st.CosineSimilarityLoss}.
 *
 * @param lossFct gives the loss of cosines [N] and targets [N]; the mean squared difference by
 *     default
 * @param cosScoreTransformation what cosines go through first; nothing by default
 */
public record CosineSimilarityLoss(
    BinaryOperator<Tensor> lossFct, UnaryOperator<Tensor> cosScoreTransformation) {

  public CosineSimilarityLoss() {
    this((output, targets) -> output.sub(targets).square().mean(), UnaryOperator.identity());
  }

  public CosineSimilarityLoss withLossFct(BinaryOperator<Tensor> lossFct) {
    return new CosineSimilarityLoss(lossFct, cosScoreTransformation);
  }

  public CosineSimilarityLoss withCosScoreTransformation(UnaryOperator<Tensor> transformation) {
    return new CosineSimilarityLoss(lossFct, transformation);
  }

  /**
   * The loss of pairs.
   *
   * @param anchor floats, [N, D]
   * @param other floats of the same dtype, [N, D]
   * @param targets the wanted cosines, [N]
   * @return a single value, unless {@code lossFct} leaves more
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(Tensor anchor, Tensor other, Tensor targets) {
    Rows.require(anchor, other);
    Tensor wanted = Rows.requireTargets(targets, anchor);
    return Rows.scoped(() ->
        lossFct.apply(
            cosScoreTransformation.apply(Functional.cosineSimilarity(anchor, other)),
            // The source rounds targets to float32.
            wanted.to(DType.FLOAT32)));
  }
}
