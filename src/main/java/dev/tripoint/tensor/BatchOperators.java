package dev.tripoint.tensor;

import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Tripoint's operators on a batch with labels or masks, with typed arguments, so that a call makes
 * no object but its results. What they compute is in {@code docs/operators.md}; {@link Op} calls
 * them too. They may be called from any thread, and refuse what {@link Op#call} refuses.
 *
 * <p>Those {@code WithGradient} hand the loss and its gradient by the embeddings to a function and
 * give what it makes of them; neither requires a gradient, and nothing is recorded for autograd.
 */
public final class BatchOperators {
  private static final Op BATCH_HARD = Op.lazy("tripoint::batch_hard");
  private static final Op BATCH_HARD_RAW = Op.lazy("tripoint::batch_hard_raw");
  private static final Op BATCH_ALL = Op.lazy("tripoint::batch_all");
  private static final Op BATCH_ALL_RAW = Op.lazy("tripoint::batch_all_raw");

  private static final String ABOVE_ZERO = "nonzero_mean";

  private BatchOperators() {}

  /**
   * The loss of {@code tripoint::batch_hard}, differentiable by the embeddings.
   *
   * @param embeddings floats, [N, D]
   * @param labels any integers, [N]
   * @param margin not looked at for the soft margin
   * @param distance {@code euclidean}, {@code sqeuclidean}, {@code cosine} or {@code dot}
   * @param softMargin softplus in place of the margin
   */
  public static Tensor batchHard(
      Tensor embeddings, Tensor labels, double margin, String distance, boolean softMargin) {
    return batchHard(embeddings, labels, margin, distance, softMargin, null, null);
  }

  /**
   * The same with masks.
   *
   * @param labels any integers, [N], or null where there is a mask of positives
   * @param positiveMask bool, [N, N], or uint8, [N, ⌈N / 8⌉], with a bit for each pair; or null
   * @param ignoreMask of either form too, what is neither positive nor negative; or null
   */
  public static Tensor batchHard(
      Tensor embeddings,
      @Nullable Tensor labels,
      double margin,
      String distance,
      boolean softMargin,
      @Nullable Tensor positiveMask,
      @Nullable Tensor ignoreMask) {
    return hard(
            BATCH_HARD.begin(),
            embeddings,
            labels,
            margin,
            distance,
            softMargin,
            positiveMask,
            ignoreMask)
        .one();
  }

  /** With its gradient; see {@link #batchHard}. */
  public static <R> R batchHardWithGradient(
      Tensor embeddings,
      Tensor labels,
      double margin,
      String distance,
      boolean softMargin,
      BiFunction<Tensor, Tensor, R> made) {
    return batchHardWithGradient(
        embeddings, labels, margin, distance, softMargin, null, null, made);
  }

  /** With masks and its gradient; see {@link #batchHard}. */
  public static <R> R batchHardWithGradient(
      Tensor embeddings,
      @Nullable Tensor labels,
      double margin,
      String distance,
      boolean softMargin,
      @Nullable Tensor positiveMask,
      @Nullable Tensor ignoreMask,
      BiFunction<Tensor, Tensor, R> made) {
    return hard(
            BATCH_HARD_RAW.begin().unrecorded(),
            embeddings,
            labels,
            margin,
            distance,
            softMargin,
            positiveMask,
            ignoreMask)
        .both(made);
  }

  /**
   * The loss of {@code tripoint::batch_all}, differentiable by the embeddings.
   *
   * @param embeddings floats, [N, D]
   * @param labels any integers, [N]
   * @param margin a number
   * @param distance {@code euclidean}, {@code sqeuclidean}, {@code cosine} or {@code dot}
   */
  public static Tensor batchAll(Tensor embeddings, Tensor labels, double margin, String distance) {
    return batchAll(embeddings, labels, margin, distance, null, null);
  }

  /**
   * The same with masks.
   *
   * @param labels any integers, [N], or null where there is a mask of positives
   * @param positiveMask bool, [N, N], or uint8, [N, ⌈N / 8⌉], with a bit for each pair; or null
   * @param ignoreMask of either form too, what is neither positive nor negative; or null
   */
  public static Tensor batchAll(
      Tensor embeddings,
      @Nullable Tensor labels,
      double margin,
      String distance,
      @Nullable Tensor positiveMask,
      @Nullable Tensor ignoreMask) {
    return all(BATCH_ALL.begin(), embeddings, labels, margin, distance, positiveMask, ignoreMask)
        .one();
  }

  /** With its gradient; see {@link #batchAll}. */
  public static <R> R batchAllWithGradient(
      Tensor embeddings,
      Tensor labels,
      double margin,
      String distance,
      BiFunction<Tensor, Tensor, R> made) {
    return batchAllWithGradient(embeddings, labels, margin, distance, null, null, made);
  }

  /** With masks and its gradient; see {@link #batchAll}. */
  public static <R> R batchAllWithGradient(
      Tensor embeddings,
      @Nullable Tensor labels,
      double margin,
      String distance,
      @Nullable Tensor positiveMask,
      @Nullable Tensor ignoreMask,
      BiFunction<Tensor, Tensor, R> made) {
    return all(
            BATCH_ALL_RAW.begin().unrecorded(),
            embeddings,
            labels,
            margin,
            distance,
            positiveMask,
            ignoreMask)
        .both(made);
  }

  private static CallFrame hard(
      CallFrame call,
      Tensor embeddings,
      @Nullable Tensor labels,
      double margin,
      String distance,
      boolean softMargin,
      @Nullable Tensor positiveMask,
      @Nullable Tensor ignoreMask) {
    return masks(
        call.tensor(embeddings).optional(labels).real(margin).text(distance).bool(softMargin),
        positiveMask,
        ignoreMask);
  }

  private static CallFrame all(
      CallFrame call,
      Tensor embeddings,
      @Nullable Tensor labels,
      double margin,
      String distance,
      @Nullable Tensor positiveMask,
      @Nullable Tensor ignoreMask) {
    return masks(
        call.tensor(embeddings)
            .optional(labels)
            .real(margin)
            .text(distance)
            .bool(false)
            .text(ABOVE_ZERO),
        positiveMask,
        ignoreMask);
  }

  /** Of a batch that is its own reference, so that those are none. */
  private static CallFrame masks(
      CallFrame call, @Nullable Tensor positiveMask, @Nullable Tensor ignoreMask) {
    return call.none().none().optional(positiveMask).optional(ignoreMask);
  }
}
