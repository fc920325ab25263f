package dev.tripoint.miner;

import dev.tripoint.distance.OperatorDistance;
import dev.tripoint.tensor.Device;
import dev.tripoint.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A batch, its references and who is what of whom in the arguments of Tripoint's operators, which
 * read labels and masks in tiles.
 *
 * @param labels their argument of that name, or null where there is a mask
 * @param refEmb their {@code ref_emb}: null for a batch that is its own reference
 * @param refLabels their {@code ref_labels}
 * @param positiveMask their {@code positive_mask}: bool, or uint8 with a bit for each pair
 * @param ignoreMask their {@code ignore_mask}, of either form too
 */
public record OperatorRelation(
    @Nullable Tensor labels,
    @Nullable Tensor refEmb,
    @Nullable Tensor refLabels,
    @Nullable Tensor positiveMask,
    @Nullable Tensor ignoreMask) {

  /**
   * An operator's arguments: embeddings, labels, these of its own, and references and masks.
   *
   * @param embeddings the batch
   */
  public @Nullable Object[] arguments(Tensor embeddings, @Nullable Object... own) {
    List<@Nullable Object> all = new ArrayList<>(own.length + 6);
    all.add(embeddings);
    all.add(labels);
    all.addAll(Arrays.asList(own));
    all.add(refEmb);
    all.add(refLabels);
    all.add(positiveMask);
    all.add(ignoreMask);
    return all.toArray();
  }

  /**
   * Whether the operators give what the matrix of a distance would, of these embeddings and the
   * references; see {@link OperatorDistance#serves}.
   */
  public boolean serves(Tensor embeddings) {
    return OperatorDistance.serves(embeddings)
        && (refEmb == null || refEmb.equals(embeddings) || OperatorDistance.serves(refEmb));
  }

  /** Whether labels of a batch that is its own reference say all. */
  public boolean byLabels() {
    return labels != null && refEmb == null && ignoreMask == null;
  }

  /**
   * The arguments of a batch that is its own reference, null where the operators have none for such
   * a relation or for where the batch lies.
   */
  public static @Nullable OperatorRelation ofBatch(Relation relation, Tensor embeddings) {
    boolean served = relation.self() && embeddings.device().equals(Device.CPU);
    return served ? of(relation, embeddings, null) : null;
  }

  /**
   * The arguments, null where the operators have none for such a relation.
   *
   * @param refEmb the references, or null, or the embeddings themselves where they are their own
   */
  public static @Nullable OperatorRelation of(
      Relation relation, Tensor embeddings, @Nullable Tensor refEmb) {
    boolean self = refEmb == null || refEmb.equals(embeddings);
    if (relation.self() && !self) {
      return null;
    }
    Tensor references = relation.self() ? null : refEmb == null ? embeddings : refEmb;
    return relation instanceof Relation.Partial(Relation whole, Tensor ignored)
        ? arguments(whole, references, ignored)
        : arguments(relation, references, null);
  }

  private static @Nullable OperatorRelation arguments(
      Relation relation, @Nullable Tensor references, @Nullable Tensor ignored) {
    return switch (relation) {
      case Relation.Labels by when by.ref().dtype() != by.labels().dtype() -> null;
      case Relation.Labels by ->
          new OperatorRelation(
              by.labels(), references, references == null ? null : by.ref(), null, ignored);
      case Relation.Masks by ->
          new OperatorRelation(null, references, null, by.positives(), ignored);
      case Relation.Bits by ->
          new OperatorRelation(null, references, null, by.positives(), ignored);
      case Relation.Partial _ -> null;
    };
  }
}
