package dev.tripoint.bench.djl;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.tripoint.bench.side.Held;
import java.util.List;
import java.util.Map;

/** The cases by their names. */
final class Cases {
  private static final Case BATCH_HARD_L2 =
      ofEmbeddings(Losses::batchHardL2, Plain::batchHardL2, Cases::product);

  private static final Map<String, Case> BY_NAME =
      Map.of(
          "mm_out",
          new MatMul(),
          "batch_hard_l2",
          BATCH_HARD_L2,
          "batch_hard_cosine",
          ofEmbeddings(Losses::batchHardCosine, Plain::batchHardCosine, Cases::product),
          "semihard_l2",
          ofEmbeddings(Losses::semihardL2, Plain::semihardL2, Cases::product),
          "nt_xent",
          ofEmbeddings(Losses::ntXent, Plain::ntXent, Cases::forwardAndBackward),
          "multiple_negatives",
          new LossCase(
              List.of("embeddings", "positives"),
              Losses::multipleNegatives,
              Plain::multipleNegatives,
              Cases::forwardAndBackward),
          "top_k",
          new TopK(),
          "call_overhead",
          BATCH_HARD_L2);

  private Cases() {}

  static Case of(String name) {
    Case found = BY_NAME.get(name);
    if (found == null) {
      throw new IllegalArgumentException("there is no case " + name);
    }
    return found;
  }

  private static Case ofEmbeddings(LossCase.Loss loss, Plain.Loss plain, LossCase.HeldBy held) {
    return new LossCase(List.of("embeddings"), loss, plain, held);
  }

  private static Held product(Product product, NDList matrices) {
    return product.square(matrices.singletonOrThrow());
  }

  private static Held forwardAndBackward(Product product, NDList matrices) {
    NDArray last = matrices.get(matrices.size() - 1);
    return product.forwardAndBackward(matrices.get(0), last);
  }
}
