package dev.tripoint.miner;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Random pairs that are spread evenly over their distances: {@code pml.UniformHistogramMiner}. The
 * distances of the positive pairs, and likewise those of the negative ones, are cut from the
 * smallest to the greatest into bins of one width; of each bin that is not empty as many pairs are
 * drawn, with replacement. With the same seed the draws are those of the source.
 *
 * @param numBins 100 by default
 * @param posPerBin how many positive pairs of each bin; 10 by default
 * @param negPerBin how many negative pairs of each bin; 10 by default
 * @param distance what is far; {@link LpDistance} with its defaults by default
 * @param generator where the draws come from; null, the default, for LibTorch's global generator
 */
public record UniformHistogramMiner(
    int numBins, int posPerBin, int negPerBin, Distance distance, @Nullable Generator generator)
    implements Miner, WithDistance<UniformHistogramMiner> {

  private static final Op LINSPACE = Op.of("aten::linspace.Tensor_Tensor");
  private static final Op BUCKETIZE = Op.of("aten::bucketize.Tensor");

  /**
   * @throws IllegalArgumentException if a number is below 1
   */
  public UniformHistogramMiner {
    if (numBins < 1 || posPerBin < 1 || negPerBin < 1) {
      throw new IllegalArgumentException(
          "numBins, posPerBin and negPerBin must be 1 or more, but are %d, %d and %d"
              .formatted(numBins, posPerBin, negPerBin));
    }
  }

  public UniformHistogramMiner(int numBins, int posPerBin, int negPerBin) {
    this(numBins, posPerBin, negPerBin, new LpDistance(), null);
  }

  public UniformHistogramMiner() {
    this(100, 10, 10);
  }

  @Override
  public UniformHistogramMiner with(Distance distance) {
    return new UniformHistogramMiner(numBins, posPerBin, negPerBin, distance, generator);
  }

  /**
   * With draws from this generator, which the caller keeps open and uses from one thread at a time.
   */
  public UniformHistogramMiner with(@Nullable Generator generator) {
    return new UniformHistogramMiner(numBins, posPerBin, negPerBin, distance, generator);
  }

  @Override
  public Pairs mine(Tensor embeddings, Tensor refEmb, Relation relation) {
    try (TensorScope scope = TensorScope.open();
        Autograd.Mode off = Autograd.noGrad()) {
      Tensor mat = distance.matrix(embeddings, refEmb);
      Pairs all = MinerUtils.getAllPairsIndices(relation);
      Tensor positive = drawn(mat.index(all.anchorPositive(), all.positive()), posPerBin);
      Tensor negative = drawn(mat.index(all.anchorNegative(), all.negative()), negPerBin);
      return new Pairs(
          scope.keep(all.anchorPositive().indexSelect(0, positive)),
          scope.keep(all.positive().indexSelect(0, positive)),
          scope.keep(all.anchorNegative().indexSelect(0, negative)),
          scope.keep(all.negative().indexSelect(0, negative)));
    }
  }

  /** Which of the distances are drawn, bin by bin. */
  private Tensor drawn(Tensor distances, int perBin) {
    List<Tensor> found = new ArrayList<>();
    found.add(Torch.arange(0));
    if (distances.numel() > 0) {
      Tensor bins = bins(distances);
      for (long bin : bins.unique().toLongArray()) {
        Tensor inBin = bins.eq(bin).nonzero().select(1, 0);
        Tensor evenly = Torch.ones(inBin.numel());
        found.add(inBin.indexSelect(0, MinerUtils.drawn(evenly, perBin, generator)));
      }
    }
    return Torch.cat(found, 0);
  }

  /** The bin of each distance; a bin holds its lower end, and the last one both. */
  private Tensor bins(Tensor distances) {
    Tensor edges =
        LINSPACE.callTensor(
            distances.min(), distances.max(), numBins + 1, distances.dtype(), null, null, null);
    return BUCKETIZE.callTensor(distances, edges, false, true).sub(1).clampMax(numBins - 1);
  }
}
