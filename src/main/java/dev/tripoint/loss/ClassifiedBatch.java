package dev.tripoint.loss;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.nn.Functional;
import dev.tripoint.nn.Reduction;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A batch whose labels are numbers of classes, with the learnt rows of those.
 *
 * @param embeddings floats, [N, D]
 * @param labels int64, [N], from 0 to {@code classes} − 1
 * @param rows floats of the embeddings' dtype, [C · centers, D]
 * @param classes how many there are
 * @param tuples what a miner found, or null
 */
public record ClassifiedBatch(
    Tensor embeddings, Tensor labels, Tensor rows, long classes, @Nullable IndexTuples tuples) {

  static ClassifiedBatch of(LossInput input, ClassifyingLoss<?> loss) {
    String who = loss.getClass().getSimpleName();
    input.requireNoReferences(who);
    Tensor embeddings = input.embeddings();
    Tensor rows = rows(loss, embeddings);
    long classes = rows.size(0) / loss.centers();
    Tensor labels = labels(who, input.requireLabels(who), classes);
    return new ClassifiedBatch(embeddings, labels, rows, classes, input.tuples());
  }

  /** The learnt rows of a loss, of the embeddings' dtype. */
  static Tensor rows(ClassifyingLoss<?> loss, Tensor embeddings) {
    Inputs.requireFloatMatrix("embeddings", embeddings);
    Tensor rows = loss.rows(loss.weights().tensor());
    requireSize(loss.getClass().getSimpleName(), rows.size(1), embeddings);
    return rows.to(embeddings.dtype());
  }

  static void requireSize(String who, long size, Tensor embeddings) {
    if (embeddings.size(1) != size) {
      throw new IllegalArgumentException(
          "%s has weights for embeddings of size %d, but got embeddings of size %d"
              .formatted(who, size, embeddings.size(1)));
    }
  }

  /** Labels as int64 places of classes. */
  static Tensor labels(String who, Tensor labels, long classes) {
    Tensor places = labels.to(DType.INT64);
    if (places.numel() > 0) {
      long lowest = places.min().itemLong();
      long highest = places.max().itemLong();
      if (lowest < 0 || highest >= classes) {
        throw new IllegalArgumentException(
            "%s has weights for %d classes, so labels must be from 0 to %d, but there is a label %d"
                .formatted(who, classes, classes - 1, lowest < 0 ? lowest : highest));
      }
    }
    return places;
  }

  /**
   * How much each row weighs, [N], by how often it stands in the tuples.
   *
   * @param anchorsAlone whether it counts as an anchor only
   */
  Tensor weights(boolean anchorsAlone) {
    return MinerUtils.convertToWeights(
        tuples, embeddings.size(0), embeddings.dtype(), anchorsAlone);
  }

  /** The cross entropy of each row's logits, [N, C], against its class, as the only term. */
  public Map<String, LossTerms> crossEntropy(Tensor logits) {
    Tensor losses = Functional.crossEntropy(logits, labels, Reduction.NONE).mul(weights(false));
    return LossTerms.elements(losses).alone();
  }

  /** What was learnt, by itself, beside the losses. */
  Map<String, LossTerms> withRegularizer(Map<String, LossTerms> terms, ClassWeights weights) {
    if (weights.regularizer() == null) {
      return terms;
    }
    Map<String, LossTerms> all = new LinkedHashMap<>(terms);
    Tensor cost = weights.regularizer().forward(rows).mul(weights.regularizerWeight());
    all.put("weight_reg_loss", new LossTerms(cost, LossTerms.Kind.ALREADY_REDUCED, List.of()));
    return all;
  }
}
