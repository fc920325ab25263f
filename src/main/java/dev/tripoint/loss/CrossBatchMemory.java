package dev.tripoint.loss;

import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Inputs;
import dev.tripoint.miner.Miner;
import dev.tripoint.miner.MinerUtils;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Device;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A loss of each batch against the embeddings of the last batches too: {@code
 * pml.CrossBatchMemory}. A batch first enters a queue, in which it takes the place of the oldest
 * rows once that is full; then its rows are compared with all of the queue. The queue's rows have
 * no gradient. A row is not compared with itself.
 *
 * <p>There is no warm-up, as in the source: the queue is used from the first batch on, however few
 * rows it holds, and those of an untrained network stay until others take their place. Who wants
 * one calls {@link #reset} after it, or leaves the memory out before.
 *
 * <p>Where the source goes wrong, this does not: a batch of a single row is not compared with
 * itself; miners, and losses that look at labels, do not see a row as its own positive; tuples that
 * are given, which speak of the batch, find its rows wherever they stand in the queue; a batch of
 * which no row enters does not count as one that fills the queue, nor do more rows than it holds
 * overwrite each other at random; swap is measured among the queue's rows.
 *
 * <p>Without a miner, a loss that has an operator for references is computed by it, without a list
 * of all pairs.
 *
 * <p>It changes with every batch: one thread at a time may use it. Its two tensors belong to the
 * scope that is open where it is made (make it outside the scope of a training step), or to the
 * caller, who then closes it.
 */
public final class CrossBatchMemory implements Loss, AutoCloseable {

  private static final String WHO = "CrossBatchMemory";
  private static final Op INDEX_COPY = Op.of("aten::index_copy_");

  private final Loss loss;
  private final @Nullable Miner miner;
  private final long memorySize;
  private final Tensor embeddings;
  private final Tensor labels;
  private long count;
  private long next;

  /**
   * What the queue holds, by place.
   *
   * @param embeddings [K, D]
   * @param labels int64, [K]
   * @param next the place that the next row takes
   */
  public record State(Tensor embeddings, Tensor labels, long next) {}

  /** With 1024 places. */
  public CrossBatchMemory(Loss loss, long embeddingSize) {
    this(loss, embeddingSize, 1024, null);
  }

  /** Kept as float32 on the CPU. */
  public CrossBatchMemory(Loss loss, long embeddingSize, long memorySize, @Nullable Miner miner) {
    this(loss, embeddingSize, memorySize, miner, DType.FLOAT32, Device.CPU);
  }

  /**
   * With every choice.
   *
   * @param loss takes tuples and references
   * @param embeddingSize how many columns embeddings have
   * @param memorySize how many rows are remembered
   * @param miner chooses the tuples; null for all pairs
   * @param dtype of the queue; embeddings of another are converted
   * @param device of the queue; embeddings of another are copied
   * @throws IllegalArgumentException if a size is below 1 or the dtype is not a floating-point one
   */
  public CrossBatchMemory(
      Loss loss,
      long embeddingSize,
      long memorySize,
      @Nullable Miner miner,
      DType dtype,
      Device device) {
    if (embeddingSize < 1 || memorySize < 1) {
      throw new IllegalArgumentException(
          "embeddingSize and memorySize must be 1 or more, but are %d and %d"
              .formatted(embeddingSize, memorySize));
    }
    if (!dtype.isFloatingPoint()) {
      throw new IllegalArgumentException(
          "dtype must be a floating-point one, but is " + dtype.torchName());
    }
    this.loss = loss;
    this.miner = miner;
    this.memorySize = memorySize;
    this.embeddings = Torch.zeros(dtype, device, memorySize, embeddingSize);
    this.labels = Torch.zeros(DType.INT64, device, memorySize);
  }

  /** How many rows are remembered now. */
  public long count() {
    return count;
  }

  /** Forgets all rows. */
  public void reset() {
    count = 0;
    next = 0;
  }

  /** What is remembered, to be saved: new tensors. */
  public State state() {
    return new State(
        embeddings.narrow(0, 0, count).copy(), labels.narrow(0, 0, count).copy(), next);
  }

  /**
   * Remembers what was saved, in place of all else.
   *
   * @throws IllegalArgumentException if it is not of this size
   */
  public void restore(State state) {
    long rows = state.embeddings.size(0);
    boolean fits =
        rows <= memorySize
            && state.embeddings.size(1) == embeddings.size(1)
            && state.labels.size(0) == rows
            && state.next == (rows < memorySize ? rows : Math.floorMod(state.next, memorySize));
    if (!fits) {
      throw new IllegalArgumentException(
          "a memory of %d rows of size %d cannot hold %d of size %d, the next one at %d"
              .formatted(
                  memorySize, embeddings.size(1), rows, state.embeddings.size(1), state.next));
    }
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      embeddings.narrow(0, 0, rows).copy_(state.embeddings);
      labels.narrow(0, 0, rows).copy_(state.labels);
    }
    count = rows;
    next = state.next;
  }

  /**
   * Remembers a batch and computes its loss against all that is remembered.
   *
   * @param embeddings floats, [N, D], of no more rows than the memory has
   * @param relation labels; masks say nothing of earlier batches
   * @param tuples of the batch, beside those of the memory; null for none
   * @param refEmb null: the memory takes its place
   */
  @Override
  public LossResult compute(
      Tensor embeddings,
      @Nullable Relation relation,
      @Nullable IndexTuples tuples,
      @Nullable Tensor refEmb) {
    if (refEmb != null && !refEmb.equals(embeddings)) {
      throw new IllegalArgumentException(WHO + " takes no references: its memory is the reference");
    }
    if (relation == null) {
      throw new IllegalArgumentException(WHO + " needs labels");
    }
    Tensor given = relation.requireLabels(WHO).labels();
    require(embeddings, given);
    if (embeddings.size(0) > memorySize) {
      throw new IllegalArgumentException(
          "a batch of %d rows does not fit into a memory of %d"
              .formatted(embeddings.size(0), memorySize));
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor classes = given.to(DType.INT64);
      Tensor places = remember(embeddings, classes);
      LossResult result = against(embeddings, classes, tuples, places);
      return new LossResult(scope.keep(result.loss().retain()), result.stats());
    }
  }

  /**
   * Remembers some rows of a batch and computes the loss of the others against all that is
   * remembered.
   *
   * @param embeddings floats, [N, D]
   * @param labels any integers, [N]
   * @param enqueueMask bool, [N]: which rows are remembered; of more than the memory has places,
   *     the last ones
   */
  public LossResult compute(Tensor embeddings, Tensor labels, Tensor enqueueMask) {
    require(embeddings, labels);
    if (enqueueMask.dtype() != DType.BOOL
        || enqueueMask.dim() != 1
        || enqueueMask.size(0) != embeddings.size(0)) {
      throw new IllegalArgumentException(
          "enqueueMask must be bool with one entry for each of the %d rows"
              .formatted(embeddings.size(0)));
    }
    try (TensorScope scope = TensorScope.open()) {
      Tensor classes = labels.to(DType.INT64);
      Tensor enters = enqueueMask.nonzero().select(1, 0);
      Tensor stays = enqueueMask.logicalNot().nonzero().select(1, 0);
      remember(embeddings.indexSelect(0, enters), classes.indexSelect(0, enters));
      LossResult result =
          against(embeddings.indexSelect(0, stays), classes.indexSelect(0, stays), null, null);
      return new LossResult(scope.keep(result.loss().retain()), result.stats());
    }
  }

  private void require(Tensor rows, Tensor classes) {
    Inputs.requireBatch(rows, classes, null, null);
    if (rows.size(1) != embeddings.size(1)) {
      throw new IllegalArgumentException(
          "%s remembers embeddings of size %d, but got embeddings of size %d"
              .formatted(WHO, embeddings.size(1), rows.size(1)));
    }
  }

  /** Puts rows into the queue and gives their places, [N]; of too many rows only the last enter. */
  private Tensor remember(Tensor rows, Tensor classes) {
    long entering = Math.min(rows.size(0), memorySize);
    long from = rows.size(0) - entering;
    long[] places = new long[(int) entering];
    for (int i = 0; i < entering; i++) {
      places[i] = (next + from + i) % memorySize;
    }
    Tensor at = Tensor.of(places, entering).to(embeddings.device());
    try (Autograd.Mode off = Autograd.noGrad()) {
      Tensor entered = rows.narrow(0, from, entering).to(embeddings.dtype());
      INDEX_COPY.call(embeddings, 0, at, entered.to(embeddings.device()));
      INDEX_COPY.call(labels, 0, at, classes.narrow(0, from, entering).to(labels.device()));
    }
    next = (next + from + entering) % memorySize;
    count = Math.min(count + entering, memorySize);
    return at;
  }

  /**
   * The loss of rows against the queue.
   *
   * @param places where the rows themselves stand in it, or null where they do not
   */
  private LossResult against(
      Tensor rows, Tensor classes, @Nullable IndexTuples tuples, @Nullable Tensor places) {
    // Copies: the next batch writes to the queue, perhaps before this one's backward.
    Tensor memory = embeddings.narrow(0, 0, count).copy().to(rows.dtype()).to(rows.device());
    Tensor remembered = labels.narrow(0, 0, count).copy().to(classes.device());
    Relation relation =
        places == null
            ? Relation.of(classes, remembered)
            : Relation.of(
                classes, remembered, places.unsqueeze(1).eq(Torch.arange(count).unsqueeze(0)));
    if (miner == null && tuples == null && loss instanceof MetricLoss metric) {
      OperatorCall call = metric.onOperator(rows, relation, null, memory);
      if (call != null) {
        return call.compute();
      }
    }
    IndexTuples found =
        miner == null
            ? MinerUtils.getAllPairsIndices(relation)
            : miner.forward(rows, relation, memory);
    if (tuples != null && places != null) {
      found = joined(found, tuples, places);
    }
    return loss.compute(rows, relation, found, memory);
  }

  /** Tuples of the queue and, in the same form, tuples of the batch at its places in the queue. */
  private static IndexTuples joined(IndexTuples found, IndexTuples ofBatch, Tensor places) {
    return switch (found) {
      case Pairs p -> {
        Pairs q = MinerUtils.convertToPairs(ofBatch, null);
        yield new Pairs(
            Torch.cat(p.anchorPositive(), q.anchorPositive()),
            Torch.cat(p.positive(), places.indexSelect(0, q.positive())),
            Torch.cat(p.anchorNegative(), q.anchorNegative()),
            Torch.cat(p.negative(), places.indexSelect(0, q.negative())));
      }
      case Triplets t -> {
        Triplets u = MinerUtils.convertToTriplets(ofBatch, null, OptionalInt.empty(), null);
        yield new Triplets(
            Torch.cat(t.anchor(), u.anchor()),
            Torch.cat(t.positive(), places.indexSelect(0, u.positive())),
            Torch.cat(t.negative(), places.indexSelect(0, u.negative())));
      }
    };
  }

  /** Closes the queue. Not needed where it belongs to a scope. */
  @Override
  public void close() {
    for (Tensor tensor : new Tensor[] {embeddings, labels}) {
      if (!tensor.isClosed()) {
        tensor.close();
      }
    }
  }
}
