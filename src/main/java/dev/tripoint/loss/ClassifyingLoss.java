package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.regularizer.Regularizer;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.List;
import java.util.Map;

/**
 * A loss that compares embeddings with a learnt row for each class, or with some for each. Labels
 * are the numbers of the classes, from 0; others are refused. There are no references; tuples of a
 * miner say how much each row of the batch weighs, by how often it stands in them.
 *
 * @param <T> the type itself
 */
public interface ClassifyingLoss<T> extends LearntLoss, WithDistance<T>, WithReducer<T> {

  /** What is learnt. */
  ClassWeights weights();

  /** The same with these weights. */
  T with(ClassWeights weights);

  /** What embeddings and weights are compared by. */
  Distance distance();

  /**
   * What is compared for each class, as {@code get_logits} of the source.
   *
   * @param embeddings floats, [N, D]
   * @param rows what {@link #rows} gives, of the embeddings' dtype
   * @return [N, C]
   */
  Tensor logits(Tensor embeddings, Tensor rows);

  /** How many learnt rows each class has. */
  default long centers() {
    return 1;
  }

  /** A row for each class or center, [C · centers, D]: most sources keep them as columns. */
  default Tensor rows(Tensor weights) {
    return weights.t();
  }

  /** The same with weights that cost something by themselves. */
  default T withWeightRegularizer(Regularizer regularizer, double weight) {
    return with(weights().with(regularizer, weight));
  }

  @Override
  default List<Tensor> parameters() {
    return List.of(weights().tensor());
  }

  /**
   * How much each embedding belongs to each class, for use after training.
   *
   * @param embeddings floats, [N, D]
   * @return [N, C], greatest for the nearest class where the distance is a similarity
   */
  default Tensor logits(Tensor embeddings) {
    try (TensorScope scope = TensorScope.open()) {
      return scope.keep(logits(embeddings, ClassifiedBatch.rows(this, embeddings)));
    }
  }

  /**
   * The losses before they are reduced: those of the batch and, where there is a regularizer of the
   * weights, {@code weight_reg_loss}.
   */
  @Override
  default Map<String, LossTerms> terms(LossInput input) {
    ClassifiedBatch batch = ClassifiedBatch.of(input, this);
    return batch.withRegularizer(terms(batch), weights());
  }

  /** The losses of a batch whose labels fit. */
  Map<String, LossTerms> terms(ClassifiedBatch batch);
}
