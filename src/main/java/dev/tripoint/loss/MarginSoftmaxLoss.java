package dev.tripoint.loss;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.nn.Functional;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.Map;

/**
 * The family of softmax losses over the cosines between embeddings and classes, in which the cosine
 * to a row's own class is made smaller first, so that classes keep apart. What differs is how it is
 * made smaller, and what the cosines are multiplied by to become logits.
 *
 * @param <T> the type itself
 */
public interface MarginSoftmaxLoss<T> extends ClassifyingLoss<T> {

  /**
   * The cosines to the rows' own classes, made smaller.
   *
   * @param cosines [N]
   * @return [N]
   */
  Tensor withMargin(Tensor cosines);

  /**
   * Cosines as logits.
   *
   * @param cosines [N, C]
   * @param embeddings [N, D]
   * @param rows [C · centers, D]
   * @return [N, C]
   */
  Tensor scaled(Tensor cosines, Tensor embeddings, Tensor rows);

  @Override
  default Tensor logits(Tensor embeddings, Tensor rows) {
    return scaled(cosines(embeddings, rows), embeddings, rows);
  }

  @Override
  default Map<String, LossTerms> terms(ClassifiedBatch batch) {
    Tensor cosines = cosines(batch.embeddings(), batch.rows());
    Tensor places = batch.labels().unsqueeze(1);
    Tensor own = cosines.gather(1, places).squeeze(1);
    Tensor change = withMargin(own).sub(own).unsqueeze(1);
    Tensor changed = Op.of("aten::scatter_add").callTensor(cosines, 1, places, change);
    return batch.crossEntropy(scaled(changed, batch.embeddings(), batch.rows()));
  }

  /** {@code avg_angle}: the mean angle between rows and their own classes, in degrees. */
  @Override
  default Map<String, Double> stats(LossInput input, Map<String, LossTerms> terms) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      Tensor embeddings = input.embeddings();
      CosineSimilarity cosine = (CosineSimilarity) distance();
      long each = centers();
      Tensor places =
          input
              .requireLabels("avg_angle")
              .to(DType.INT64)
              .mul(each)
              .unsqueeze(1)
              .add(Torch.arange(each))
              .reshape(-1);
      Tensor own = ClassifiedBatch.rows(this, embeddings).indexSelect(0, places);
      // Row by row, so that no more than one class of each row is looked at.
      Tensor products =
          Functional.normalize(embeddings.repeatInterleave(each, 0), cosine.p(), 1, 1e-12)
              .mul(Functional.normalize(own, cosine.p(), 1, 1e-12))
              .sum(1);
      Tensor cosines = products.pow(cosine.power()).view(-1, each).amax(1, false);
      return Map.of("avg_angle", Math.toDegrees(Angles.of(cosines).mean().item()));
    }
  }

  private Tensor cosines(Tensor embeddings, Tensor rows) {
    Tensor cosines = distance().matrix(embeddings, rows);
    return centers() == 1
        ? cosines
        : cosines.reshape(embeddings.size(0), -1, centers()).max(2, false).values();
  }
}
