package dev.tripoint.bench;

import dev.tripoint.bench.side.Held;
import dev.tripoint.bench.side.Prepared;
import dev.tripoint.bench.side.Work;
import dev.tripoint.compat.online.BatchAll;
import dev.tripoint.compat.online.BatchHard;
import dev.tripoint.compat.st.BatchHardTripletLoss;
import dev.tripoint.compat.st.BatchHardTripletLossDistanceFunction;
import dev.tripoint.compat.st.MultipleNegativesRankingLoss;
import dev.tripoint.corpus.CorpusMiner;
import dev.tripoint.corpus.MiningOptions;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.eval.AccuracyCalculator;
import dev.tripoint.eval.Measure;
import dev.tripoint.loss.Loss;
import dev.tripoint.loss.NTXentLoss;
import dev.tripoint.loss.TripletMarginLoss;
import dev.tripoint.miner.BatchEasyHardMiner;
import dev.tripoint.miner.HardNegatives;
import dev.tripoint.miner.Miner;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * The cases, each through the public classes as a user calls them: a loss forward and backward, a
 * miner or a measure once. {@code scripts/bench/peers} has the same ones for Python.
 */
enum Case {
  /** A product against itself: what the machine's noise makes of a ratio of 1. */
  MM_OUT {
    @Override
    Prepared prepare(Inputs inputs) {
      Tensor x = inputs.embeddings();
      Held product = Products.product(x, x);
      return new Prepared(product.work(), product);
    }
  },

  BATCH_HARD_L2 {
    @Override
    Prepared prepare(Inputs inputs) {
      return loss(inputs, new BatchHard(MARGIN), null);
    }
  },

  BATCH_HARD_COSINE {
    @Override
    Prepared prepare(Inputs inputs) {
      Loss loss =
          new BatchHardTripletLoss(MARGIN)
              .withDistanceMetric(BatchHardTripletLossDistanceFunction.COSINE_DISTANCE);
      return loss(inputs, loss, null);
    }
  },

  BATCH_ALL_L2 {
    @Override
    Prepared prepare(Inputs inputs) {
      return forwardAndBackward(inputs, new BatchAll(WIDE_MARGIN));
    }
  },

  SEMIHARD_L2 {
    @Override
    Prepared prepare(Inputs inputs) {
      LpDistance l2 = new LpDistance().withNormalizeEmbeddings(false);
      return loss(
          inputs, new TripletMarginLoss(MARGIN).with(l2), new BatchEasyHardMiner().with(l2));
    }
  },

  NT_XENT {
    @Override
    Prepared prepare(Inputs inputs) {
      return forwardAndBackward(inputs, new NTXentLoss());
    }
  },

  MULTIPLE_NEGATIVES {
    @Override
    Prepared prepare(Inputs inputs) {
      Tensor queries = inputs.embeddings().requiresGrad(true);
      Tensor documents = inputs.positives().requiresGrad(true);
      var loss = new MultipleNegativesRankingLoss();
      Work work =
          () -> {
            try (TensorScope _ = TensorScope.open()) {
              loss.forward(queries, documents).backward();
              return takeGradient(queries) + takeGradient(documents);
            }
          };
      return new Prepared(work, Products.forwardAndBackward(queries.detach(), documents.detach()));
    }
  },

  /** The scores and the mask are inputs: they are not computed here. */
  HARD_NEGATIVES_MASK {
    @Override
    Prepared prepare(Inputs inputs) {
      Tensor x = inputs.embeddings();
      Tensor labels = inputs.labels();
      Tensor scores = x.mm(x.t());
      Tensor positives = labels.unsqueeze(1).eq(labels.unsqueeze(0));
      var miner = new HardNegatives();
      Work work =
          () -> {
            try (TensorScope _ = TensorScope.open()) {
              HardNegatives.Mined mined = miner.mine(scores, positives);
              return bytes(mined.anchor()) + bytes(mined.positive()) + bytes(mined.negative());
            }
          };
      return new Prepared(work, Products.product(x, x));
    }
  },

  /** Fifty negatives of each query; each has one positive in the corpus. */
  TOP_K {
    @Override
    Prepared prepare(Inputs inputs) {
      Tensor corpus = inputs.embeddings();
      Tensor queries = inputs.queries();
      List<long[]> positives =
          LongStream.range(0, queries.size(0))
              .mapToObj(i -> new long[] {i % corpus.size(0)})
              .toList();
      var miner = new CorpusMiner(MiningOptions.DEFAULT.withRange(0, null, NEGATIVES));
      Work work =
          () -> {
            // Rows of Java's heap, which was taken whole before.
            miner.mine(queries, corpus, positives);
            return 0;
          };
      return new Prepared(work, Products.chunked(queries, corpus));
    }
  },

  EVAL_MAP_AT_R {
    @Override
    Prepared prepare(Inputs inputs) {
      Tensor x = inputs.embeddings();
      Tensor labels = inputs.labels();
      AccuracyCalculator calculator =
          new AccuracyCalculator()
              .include(Measure.MEAN_AVERAGE_PRECISION_AT_R)
              .withK(AccuracyCalculator.MAX_BIN_COUNT);
      Work work =
          () -> {
            calculator.getAccuracy(x, labels);
            return 0;
          };
      return new Prepared(work, Products.product(x, x));
    }
  },

  /** Batch-hard on few rows, against the same from C++. */
  CALL_OVERHEAD {
    @Override
    Prepared prepare(Inputs inputs) {
      Prepared prepared = loss(inputs, new BatchHard(MARGIN), null);
      Work cpp = new CppBatchHard(inputs.embeddings(), inputs.labels(), MARGIN);
      return new Prepared(prepared.work(), new Held("cpp_forward_backward", cpp));
    }
  };

  private static final double MARGIN = 1;

  /** Nearly all triplets of the normal rows are within it. */
  private static final double WIDE_MARGIN = 4;

  private static final int NEGATIVES = 50;

  /** Reads the data and makes what every call needs; it belongs to the open scope. */
  abstract Prepared prepare(Inputs inputs);

  static Case of(String name) {
    return Arrays.stream(values())
        .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no case " + name));
  }

  private static Prepared loss(Inputs inputs, Loss loss, @Nullable Miner miner) {
    Tensor x = inputs.embeddings().requiresGrad(true);
    Tensor plain = x.detach();
    return new Prepared(step(x, inputs.labels(), loss, miner), Products.product(plain, plain));
  }

  private static Prepared forwardAndBackward(Inputs inputs, Loss loss) {
    Tensor x = inputs.embeddings().requiresGrad(true);
    Tensor plain = x.detach();
    return new Prepared(
        step(x, inputs.labels(), loss, null), Products.forwardAndBackward(plain, plain));
  }

  private static Work step(Tensor x, Tensor labels, Loss loss, @Nullable Miner miner) {
    return () -> {
      try (TensorScope _ = TensorScope.open()) {
        Tensor value =
            miner == null
                ? loss.forward(x, labels)
                : loss.forward(x, labels, miner.forward(x, labels));
        value.backward();
        return takeGradient(x);
      }
    };
  }

  private static long takeGradient(Tensor x) {
    long bytes = bytes(Objects.requireNonNull(x.grad(), "no gradient"));
    x.grad(null);
    return bytes;
  }

  private static long bytes(Tensor tensor) {
    return tensor.numel() * tensor.dtype().byteSize();
  }
}
