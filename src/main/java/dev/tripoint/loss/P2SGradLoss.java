package dev.tripoint.loss;

import dev.tripoint.miner.Inputs;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.MeanReducer;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * P2SGrad: {@code pml.P2SGradLoss}. The mean squared difference between the cosines of embeddings
 * to classes and 1 for a row's own class, 0 for all others. It takes neither references nor tuples.
 *
 * <p>As in the source, each call first sets the columns of the weights to length 1, and takes the
 * gradient as if they had always had it. So the weights are written to: a loss is one thread's at a
 * time. A row of zeros counts as orthogonal to all classes, where the source gives NaN.
 *
 * @param weights [D, C]; uniform between ±1, scaled to length 1, by default
 * @param reducer {@link MeanReducer} by default; the loss is reduced already, so it changes nothing
 */
public record P2SGradLoss(Tensor weights, Reducer reducer)
    implements LearntLoss, WithReducer<P2SGradLoss> {

  private static final Op RENORM = Op.of("aten::renorm");
  private static final Op MSE_LOSS = Op.of("aten::mse_loss");

  /** Lengths are first brought down to this, then multiplied up to 1, as in the source. */
  private static final double SHORT = 1e-5;

  /**
   * @throws IllegalArgumentException if the weights are no matrix of floats
   */
  public P2SGradLoss {
    Inputs.requireFloatMatrix("weights", weights);
  }

  /** With these weights, [D, C]. */
  public P2SGradLoss(Tensor weights) {
    this(weights, new MeanReducer());
  }

  /** With weights drawn from a generator, null for LibTorch's global one. */
  public P2SGradLoss(long descriptorsDim, long numClasses, @Nullable Generator generator) {
    this(
        ClassWeights.learnt(
            descriptorsDim,
            numClasses,
            values -> values.copy_(unit(values.uniform_(-1, 1, generator)))));
  }

  public P2SGradLoss(long descriptorsDim, long numClasses) {
    this(descriptorsDim, numClasses, null);
  }

  @Override
  public P2SGradLoss with(Reducer reducer) {
    return new P2SGradLoss(weights, reducer);
  }

  @Override
  public List<Tensor> parameters() {
    return List.of(weights);
  }

  private static Tensor unit(Tensor weights) {
    return RENORM.callTensor(weights, 2, 1, SHORT).mul(1 / SHORT);
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    String who = "P2SGradLoss";
    input.requireNoReferences(who);
    input.requireNoTuples(who);
    Tensor embeddings = input.embeddings();
    ClassifiedBatch.requireSize(who, weights.size(0), embeddings);
    Tensor labels = ClassifiedBatch.labels(who, input.requireLabels(who), weights.size(1));
    Tensor squares = embeddings.pow(2).sum(1, true);
    Tensor norms = squares.maskedFill(squares.eq(0), 1).pow(0.5);
    Tensor cosines =
        embeddings.mm(unitWeights().to(embeddings.dtype())).div(norms).clamp(-1.0, 1.0);
    Tensor wanted = labels.unsqueeze(1).eq(Torch.arange(weights.size(1))).to(cosines.dtype());
    Tensor loss = MSE_LOSS.callTensor(cosines, wanted, 1);
    return new LossTerms(loss, LossTerms.Kind.ALREADY_REDUCED, List.of()).alone();
  }

  /** The weights after their columns were set to length 1, with the gradient of the weights. */
  private Tensor unitWeights() {
    Tensor unit;
    try (Autograd.Mode off = Autograd.noGrad()) {
      unit = unit(weights);
      Tensor lengths = unit.pow(2).sum(0);
      if (lengths.sub(1).abs().ge(1e-2).any().itemBoolean()) {
        throw new IllegalArgumentException(
            "the weights of each class must have a length above %s, to be set to 1"
                .formatted(SHORT));
      }
      weights.copy_(unit);
    }
    // Adding 0 keeps what backward needs apart from the weights, which the next call writes to.
    return unit.add(weights.sub(weights.detach()));
  }
}
