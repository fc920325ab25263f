package dev.tripoint.miner;

import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Who is a positive and who a negative of whom: by labels, or by masks over embeddings and
 * references. Every miner, and every loss of pairs or triplets, takes either.
 *
 * <p>Without references a row is neither positive nor negative of itself. Tensors are not copied;
 * the caller keeps them open.
 */
public sealed interface Relation {

  /**
   * Both sides as masks.
   *
   * @param matches bool, [N, M]: positives
   * @param diffs bool, [N, M]: negatives
   */
  record Matches(Tensor matches, Tensor diffs) {}

  /**
   * By labels: equal ones are positives, different ones negatives.
   *
   * @param labels any integers, [N]
   * @param refLabels any integers, [M], of the references; null, or the same object as {@code
   *     labels}, where the embeddings are their own references
   */
  record Labels(Tensor labels, @Nullable Tensor refLabels) implements Relation {

    /**
     * @throws IllegalArgumentException if labels are not integers of one dimension
     */
    public Labels {
      Inputs.requireLabels("labels", labels);
      if (refLabels != null) {
        Inputs.requireLabels("refLabels", refLabels);
      }
    }

    /** The labels of the references, which are the embeddings' own where none were given. */
    public Tensor ref() {
      return refLabels == null ? labels : refLabels;
    }

    @Override
    public boolean self() {
      return ref().equals(labels);
    }

    @Override
    public long rows() {
      return labels.size(0);
    }

    @Override
    public long columns() {
      return ref().size(0);
    }

    @Override
    public Matches matches() {
      try (TensorScope scope = TensorScope.open()) {
        Tensor matches = labels.unsqueeze(1).eq(ref().unsqueeze(0));
        Tensor diffs = matches.logicalNot();
        if (self()) {
          matches.fillDiagonal_(0);
        }
        return new Matches(scope.keep(matches), scope.keep(diffs));
      }
    }

    @Override
    public Relation toReferences() {
      return this;
    }
  }

  /**
   * By a mask.
   *
   * @param positives bool, [N, M]: positives; what is none is a negative
   * @param self whether the embeddings are their own references, so that the diagonal is neither
   */
  record Masks(Tensor positives, boolean self) implements Relation {

    /**
     * @throws IllegalArgumentException if the mask is no bool matrix
     */
    public Masks {
      if (positives.dim() != 2 || positives.dtype() != DType.BOOL) {
        throw new IllegalArgumentException(
            "positives must be bool of two dimensions, but is %s of shape %s"
                .formatted(positives.dtype().torchName(), Arrays.toString(positives.sizes())));
      }
    }

    @Override
    public long rows() {
      return positives.size(0);
    }

    @Override
    public long columns() {
      return positives.size(1);
    }

    @Override
    public Matches matches() {
      try (TensorScope scope = TensorScope.open()) {
        Tensor diffs = positives.logicalNot();
        Tensor matches = diffs.logicalNot();
        if (self) {
          matches.fillDiagonal_(0);
          diffs.fillDiagonal_(0);
        }
        return new Matches(scope.keep(matches), scope.keep(diffs));
      }
    }

    @Override
    public Relation toReferences() {
      return new Masks(positives, false);
    }
  }

  /**
   * By a mask of one bit for each pair, an eighth of the memory of {@link Masks}.
   *
   * @param positives uint8, [N, ⌈M / 8⌉]: column j is bit j mod 8 of byte j / 8, the lowest first,
   *     as {@code numpy.packbits(mask, axis=1, bitorder="little")} gives it
   * @param columns M
   * @param self whether the embeddings are their own references, so that the diagonal is neither
   */
  record Bits(Tensor positives, long columns, boolean self) implements Relation {

    /**
     * @throws IllegalArgumentException if the mask is no uint8 matrix of so many bits a row
     */
    public Bits {
      if (!PackedBits.holds(positives, columns)) {
        throw new IllegalArgumentException(
            "positives must be uint8 of two dimensions with a bit for each of %d columns, but is %s of shape %s"
                .formatted(
                    columns, positives.dtype().torchName(), Arrays.toString(positives.sizes())));
      }
    }

    @Override
    public long rows() {
      return positives.size(0);
    }

    @Override
    public Matches matches() {
      try (TensorScope scope = TensorScope.open()) {
        Matches all = new Masks(PackedBits.unpack(positives, columns), self).matches();
        return new Matches(scope.keep(all.matches()), scope.keep(all.diffs()));
      }
    }

    @Override
    public Relation toReferences() {
      return new Bits(positives, columns, false);
    }
  }

  /**
   * Another relation, but for some pairs.
   *
   * @param whole what holds for the others
   * @param ignored bool, [N, M], or uint8, [N, ⌈M / 8⌉], as of {@link Bits}: neither positive nor
   *     negative
   */
  record Partial(Relation whole, Tensor ignored) implements Relation {

    /**
     * @throws IllegalArgumentException if the mask is not bool of that shape, nor so many bits
     */
    public Partial {
      boolean bytes =
          ignored.dtype() == DType.BOOL
              && Arrays.equals(ignored.sizes(), new long[] {whole.rows(), whole.columns()});
      boolean bits = PackedBits.holds(ignored, whole.columns()) && ignored.size(0) == whole.rows();
      if (!bytes && !bits) {
        throw new IllegalArgumentException(
            "ignored must be bool of shape [%d, %d], but is %s of shape %s"
                .formatted(
                    whole.rows(),
                    whole.columns(),
                    ignored.dtype().torchName(),
                    Arrays.toString(ignored.sizes())));
      }
    }

    @Override
    public boolean self() {
      return whole.self();
    }

    @Override
    public long rows() {
      return whole.rows();
    }

    @Override
    public long columns() {
      return whole.columns();
    }

    @Override
    public Matches matches() {
      try (TensorScope scope = TensorScope.open()) {
        Matches all = whole.matches();
        Tensor bools =
            ignored.dtype() == DType.BOOL ? ignored : PackedBits.unpack(ignored, columns());
        Tensor counted = bools.logicalNot();
        return new Matches(
            scope.keep(all.matches().logicalAnd(counted)),
            scope.keep(all.diffs().logicalAnd(counted)));
      }
    }

    @Override
    public Relation toReferences() {
      return new Partial(whole.toReferences(), ignored);
    }
  }

  /** How many embeddings it speaks of. */
  long rows();

  /** How many references it speaks of. */
  long columns();

  /** Whether the embeddings are their own references. */
  boolean self();

  /** Both sides as masks: bool, [N, M] each. */
  Matches matches();

  /** The same relation for references that are other rows than the embeddings. */
  Relation toReferences();

  /** By labels, [N], of a batch that is its own reference. */
  static Relation of(Tensor labels) {
    return new Labels(labels, null);
  }

  /** By labels, [N], and those of the references, [M]; null for a batch that is its own. */
  static Relation of(Tensor labels, @Nullable Tensor refLabels) {
    return new Labels(labels, refLabels);
  }

  /**
   * By labels, [N], and those of the references, [M], or null, but for pairs that are neither
   * positive nor negative: bool, [N, M].
   */
  static Relation of(Tensor labels, @Nullable Tensor refLabels, Tensor ignored) {
    return new Partial(new Labels(labels, refLabels), ignored);
  }

  /** By a mask of positives, bool, [N, N] or, beside references, [N, M]. */
  static Relation ofMask(Tensor positives) {
    return new Masks(positives, true);
  }

  /**
   * By a mask of one bit for each pair: uint8, [N, ⌈columns / 8⌉], the lowest bit of a byte first.
   */
  static Relation ofBits(Tensor positives, long columns) {
    return new Bits(positives, columns, true);
  }

  /** By a mask of positives and one of what is neither positive nor negative, or null. */
  static Relation ofMask(Tensor positives, @Nullable Tensor ignored) {
    Relation whole = ofMask(positives);
    return ignored == null ? whole : new Partial(whole, ignored);
  }

  /**
   * By a set of labels each: rows that share one are positives, others negatives. A row without any
   * is a negative of all.
   *
   * @param labelSets bool, [N, C]: which of C labels each row has
   */
  static Relation ofLabelSets(Tensor labelSets) {
    return ofLabelSets(labelSets, null);
  }

  /**
   * By a set of labels each, beside references.
   *
   * @param labelSets bool, [N, C]
   * @param refLabelSets bool, [M, C], or null for a batch that is its own reference
   * @throws IllegalArgumentException if they are not bool matrices with a column for each of the
   *     same labels
   */
  static Relation ofLabelSets(Tensor labelSets, @Nullable Tensor refLabelSets) {
    Inputs.requireLabelSets("labelSets", labelSets, labelSets);
    if (refLabelSets != null) {
      Inputs.requireLabelSets("refLabelSets", refLabelSets, labelSets);
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor rows = labelSets.to(DType.FLOAT32);
      Tensor ref = refLabelSets == null ? rows : refLabelSets.to(DType.FLOAT32);
      return new Masks(scope.keep(rows.mm(ref.t()).gt(0)), refLabelSets == null);
    }
  }

  /** The labels of the embeddings where there are any, else null. */
  default @Nullable Tensor labelsOrNull() {
    return switch (this) {
      case Labels labels -> labels.labels();
      case Partial partial -> partial.whole().labelsOrNull();
      case Masks _, Bits _ -> null;
    };
  }

  /**
   * The labels, for what cannot do with masks.
   *
   * @param who names it in the message
   * @throws IllegalArgumentException if the relation is given by masks
   */
  default Labels requireLabels(String who) {
    return switch (this) {
      case Labels labels -> labels;
      case Partial partial -> partial.whole().requireLabels(who);
      case Masks _, Bits _ ->
          throw new IllegalArgumentException(
              who + " needs labels: a mask does not say which classes");
    };
  }
}
