package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.DotProductSimilarity;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.Pairs;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The N-pairs loss: {@code pml.NPairsLoss}. Of each class one positive pair is taken, the first;
 * each anchor then costs the cross entropy of its own positive among the positives of all classes,
 * with similarities, or negated distances, as logits. A batch without positive pairs gives 0 with
 * gradient 0. It takes no references.
 *
 * @param distance {@link DotProductSimilarity} with its defaults by default
 * @param reducer {@link MeanReducer} by default
 */
public record NPairsLoss(Distance distance, Reducer reducer)
    implements MetricLoss, WithDistance<NPairsLoss>, WithReducer<NPairsLoss> {

  public NPairsLoss() {
    this(new DotProductSimilarity(), new MeanReducer());
  }

  @Override
  public NPairsLoss with(Distance distance) {
    return new NPairsLoss(distance, reducer);
  }

  @Override
  public NPairsLoss with(Reducer reducer) {
    return new NPairsLoss(distance, reducer);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    input.requireNoReferences("NPairsLoss");
    Pairs pairs = input.pairs();
    Tensor firsts = firstOfEachClass(input.requireLabels("NPairsLoss"), pairs.anchorPositive());
    if (firsts.numel() == 0) {
      return LossTerms.none(input.embeddings()).alone();
    }
    Tensor anchors = pairs.anchorPositive().indexSelect(0, firsts);
    Tensor positives = pairs.positive().indexSelect(0, firsts);
    Tensor mat =
        distance.matrix(
            input.embeddings().indexSelect(0, anchors),
            input.embeddings().indexSelect(0, positives));
    Tensor logits = distance.isInverted() ? mat : mat.neg();
    return new LossTerms(
            logits.logSoftmax(1).diagonal().neg(), LossTerms.Kind.ELEMENT, List.of(anchors))
        .alone();
  }

  /** {@code num_pairs}: how many classes gave a pair. */
  @Override
  public Map<String, Double> stats(LossInput input, Map<String, LossTerms> terms) {
    LossTerms loss = terms.get("loss");
    return Map.of(
        "num_pairs",
        loss.kind() == LossTerms.Kind.ALREADY_REDUCED ? 0.0 : (double) loss.losses().numel());
  }

  /** Where the first pair of each class stands, classes in ascending order. */
  private static Tensor firstOfEachClass(Tensor labels, Tensor anchors) {
    long[] classes = labels.to(DType.INT64).indexSelect(0, anchors).toLongArray();
    TreeMap<Long, Integer> firsts = new TreeMap<>();
    for (int i = 0; i < classes.length; i++) {
      firsts.putIfAbsent(classes[i], i);
    }
    long[] found = firsts.values().stream().mapToLong(Integer::longValue).toArray();
    return Tensor.of(found, found.length);
  }
}
