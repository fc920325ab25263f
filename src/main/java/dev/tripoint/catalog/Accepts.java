package dev.tripoint.catalog;

/**
 * What a loss or a miner is given.
 *
 * @param form the form of its inputs
 * @param relation whether a batch comes with labels, or masks in their place, that say who belongs
 *     together
 * @param references whether a batch may have reference embeddings and labels of its own
 * @param tuples whether it takes the pairs or triplets of a miner
 * @param masks whether a batch may have a mask of the positives, or a set of labels for each row,
 *     in place of labels
 * @param weights whether it has weights of its own that can be given
 * @param negatives whether rows have a negative
 * @param targets whether rows have a target each
 */
public record Accepts(
    Form form,
    Need relation,
    boolean references,
    boolean tuples,
    boolean masks,
    Need weights,
    Need negatives,
    Need targets) {

  /** The form of the inputs. */
  public enum Form {
    /** Embeddings with labels. */
    BATCH("a batch with labels"),
    /** Matrices whose rows belong together: anchor, positive, and perhaps negative. */
    ROWS("explicit rows"),
    /** Scores with a mask of the positives. */
    SCORES("scores and a positive mask");

    private final String text;

    Form(String text) {
      this.text = text;
    }

    /** In words. */
    public String text() {
      return text;
    }
  }

  /** Whether something is given. */
  public enum Need {
    /** It is not taken. */
    NO,
    /** It may be given. */
    OPTIONAL,
    /** It must be given. */
    YES
  }

  /** A batch with labels and nothing beside them. */
  public static Accepts batch() {
    return new Accepts(Form.BATCH, Need.YES, false, false, false, Need.NO, Need.NO, Need.NO);
  }

  /** A batch with labels or masks; references too. */
  public static Accepts batchWithReferences() {
    return new Accepts(Form.BATCH, Need.YES, true, false, true, Need.NO, Need.NO, Need.NO);
  }

  /** A batch with labels or masks; references and mined tuples too. */
  public static Accepts batchWithTuples() {
    return new Accepts(Form.BATCH, Need.YES, true, true, true, Need.NO, Need.NO, Need.NO);
  }

  /** Rows of anchor and positive, and what else is said. */
  public static Accepts rows(Need negatives, Need targets) {
    return new Accepts(Form.ROWS, Need.NO, false, false, false, Need.NO, negatives, targets);
  }

  /** Scores and a positive mask. */
  public static Accepts scores() {
    return new Accepts(Form.SCORES, Need.NO, false, false, false, Need.NO, Need.NO, Need.NO);
  }

  /** The same by labels alone: no masks. */
  public Accepts byLabelsAlone() {
    return new Accepts(form, relation, references, tuples, false, weights, negatives, targets);
  }

  /** The same by labels or masks. */
  public Accepts byMasksToo() {
    return new Accepts(form, relation, references, tuples, true, weights, negatives, targets);
  }

  /** The same without references. */
  public Accepts withoutReferences() {
    return new Accepts(form, relation, false, tuples, masks, weights, negatives, targets);
  }

  /** The same with weights of its own. */
  public Accepts withWeights(Need need) {
    return new Accepts(form, relation, references, tuples, masks, need, negatives, targets);
  }

  /** The same with or without labels. */
  public Accepts withoutLabels() {
    return new Accepts(form, Need.OPTIONAL, references, tuples, masks, weights, negatives, targets);
  }
}
