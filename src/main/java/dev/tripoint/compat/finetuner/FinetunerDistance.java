package dev.tripoint.compat.finetuner;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;

/** The distances that finetuner knows, by its words in lower case. */
public enum FinetunerDistance implements Distance {
  /** 1 − cosine. */
  COSINE {
    @Override
    public Tensor matrix(Tensor query, Tensor ref) {
      try (TensorScope scope = TensorScope.open()) {
        return scope.keep(new CosineSimilarity().matrix(query, ref).rsub(1));
      }
    }
  },
  /** The length of the difference; its gradient at 0 is 0. */
  EUCLIDEAN {
    @Override
    public Tensor matrix(Tensor query, Tensor ref) {
      return new LpDistance(2, 1, false).matrix(query, ref);
    }
  },
  /** The square of that. */
  SQEUCLIDEAN {
    @Override
    public Tensor matrix(Tensor query, Tensor ref) {
      return new LpDistance(2, 2, false).matrix(query, ref);
    }
  }
}
