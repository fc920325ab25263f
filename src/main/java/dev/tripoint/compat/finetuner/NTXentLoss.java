package dev.tripoint.compat.finetuner;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.loss.LossInput;
import dev.tripoint.loss.MetricLoss;
import dev.tripoint.miner.Relation;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.tensor.Tensor;
import java.util.Map;

/**
 * The cross-entropy of finding each row's other view among all others, by cosine over temperature:
 * {@code finetuner.NTXentLoss}. Every label stands for exactly two rows; other batches are refused,
 * as in the source. Where the source overflows, at small temperatures, this does not. A batch of no
 * rows gives 0.
 *
 * @param temperature greater than 0; 0.1 by default
 */
public record NTXentLoss(double temperature) implements MetricLoss {

  /**
   * @throws IllegalArgumentException if the temperature is not greater than 0
   */
  public NTXentLoss {
    if (!(temperature > 0)) {
      throw new IllegalArgumentException(
          "temperature must be greater than 0, but is " + temperature);
    }
  }

  public NTXentLoss() {
    this(0.1);
  }

  @Override
  public Reducer reducer() {
    return new MeanReducer();
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    Relation.Matches by = input.requireRelation("NTXentLoss").matches();
    if (!by.matches().sum(1).eq(1).all().itemBoolean()) {
      throw new IllegalArgumentException(
          "NTXentLoss needs two views of each label: a row has no other of its label, or several");
    }
    if (by.matches().numel() == 0) {
      return LossTerms.none(input.embeddings()).alone();
    }
    Tensor logits =
        new CosineSimilarity().matrix(input.embeddings(), input.refEmb()).div(temperature);
    Tensor others = by.matches().logicalOr(by.diffs());
    Tensor all = logits.maskedFill(others.logicalNot(), Double.NEGATIVE_INFINITY);
    // One for each row, in their order.
    Tensor views = logits.maskedSelect(by.matches());
    return LossTerms.elements(all.logsumexp(1, false).sub(views)).alone();
  }
}
