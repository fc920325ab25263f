package dev.tripoint.compat.st;

import dev.tripoint.distance.Distance;
import dev.tripoint.nn.Functional;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;

/**
 * Similarities, where greater means closer; distances count with a minus sign. All of them are
 * {@link Distance}s, so they can be given to other losses and miners too. Half precision is
 * compared in float32.
 *
 * <p>All pairs are the source's {@code cos_sim}, {@code dot_score}, {@code euclidean_sim} and
 * {@code manhattan_sim}; row by row they are its {@code pairwise_cos_sim} and so on.
 */
public enum SimilarityFunction implements Distance {

  /** The cosine. */
  COSINE("cosine") {
    @Override
    Tensor all(Tensor a, Tensor b) {
      return DOT_PRODUCT.all(Functional.normalize(a), Functional.normalize(b));
    }

    @Override
    Tensor each(Tensor a, Tensor b) {
      return DOT_PRODUCT.each(Functional.normalize(a), Functional.normalize(b));
    }
  },

  /** The dot product. */
  DOT_PRODUCT("dot") {
    @Override
    Tensor all(Tensor a, Tensor b) {
      return a.mm(b.t());
    }

    @Override
    Tensor each(Tensor a, Tensor b) {
      return a.mul(b).sum(-1);
    }
  },

  /** The negative of the L2 distance. */
  EUCLIDEAN("euclidean") {
    @Override
    Tensor all(Tensor a, Tensor b) {
      return a.cdist(b, 2).neg();
    }

    @Override
    Tensor each(Tensor a, Tensor b) {
      return VECTOR_NORM.callTensor(a.sub(b), 2.0, new long[] {-1}).neg();
    }
  },

  /** The negative of the L1 distance. */
  MANHATTAN("manhattan") {
    @Override
    Tensor all(Tensor a, Tensor b) {
      return a.cdist(b, 1).neg();
    }

    @Override
    Tensor each(Tensor a, Tensor b) {
      return a.sub(b).abs().sum(-1).neg();
    }
  };

  private static final Op VECTOR_NORM = Op.of("aten::linalg_vector_norm");

  private final String word;

  SimilarityFunction(String word) {
    this.word = word;
  }

  /** The source's own word for it. */
  public String word() {
    return word;
  }

  @Override
  public boolean isInverted() {
    return true;
  }

  @Override
  public Tensor matrix(Tensor query, Tensor ref) {
    return Rows.scoped(() -> all(Rows.widened(query), Rows.widened(ref)));
  }

  @Override
  public Tensor pairwise(Tensor query, Tensor ref) {
    Rows.require(query, ref);
    return Rows.scoped(() -> each(Rows.widened(query), Rows.widened(ref)));
  }

  abstract Tensor all(Tensor a, Tensor b);

  abstract Tensor each(Tensor a, Tensor b);
}
