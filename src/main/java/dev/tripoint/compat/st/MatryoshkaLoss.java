package dev.tripoint.compat.st;

import dev.tripoint.loss.Loss;
import dev.tripoint.loss.LossResult;
import dev.tripoint.nn.Functional;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Another loss on the first numbers of each embedding, for several widths, so that embeddings can
 * later be cut: {@code st.MatryoshkaLoss}. At each width rows are cut and then divided by their
 * norm; the losses are multiplied by their weights and summed.
 *
 * <pre>{@code
 * var matryoshka = new MatryoshkaLoss(List.of(768L, 256L, 64L));
 * var ranking = new MultipleNegativesRankingLoss();
 * Tensor loss = matryoshka.forward(x -> ranking.forward(x.get(0), x.get(1)), anchor, positive);
 * Loss overBatch = matryoshka.of(new BatchHardTripletLoss(0.5));
 * }</pre>
 *
 * @param matryoshkaDims widths, above 0
 * @param matryoshkaWeights one for each width; ones by default
 * @param nDimsPerStep how many widths are drawn for each call; −1, the default, for all
 * @param generator where they are drawn from; null, the default, for LibTorch's global generator
 */
public record MatryoshkaLoss(
    List<Long> matryoshkaDims,
    List<Double> matryoshkaWeights,
    long nDimsPerStep,
    @Nullable Generator generator) {

  /**
   * @throws IllegalArgumentException if there is no width, one is below 1, or there are not as many
   *     weights
   */
  public MatryoshkaLoss {
    matryoshkaDims = List.copyOf(matryoshkaDims);
    matryoshkaWeights = List.copyOf(matryoshkaWeights);
    if (matryoshkaDims.isEmpty() || matryoshkaDims.stream().anyMatch(dim -> dim < 1)) {
      throw new IllegalArgumentException(
          "matryoshka_dims must be whole numbers of 1 or more, one at least, but are "
              + matryoshkaDims);
    }
    if (matryoshkaWeights.size() != matryoshkaDims.size()) {
      throw new IllegalArgumentException(
          "matryoshka_weights must be as many as matryoshka_dims, but are %d for %d"
              .formatted(matryoshkaWeights.size(), matryoshkaDims.size()));
    }
  }

  public MatryoshkaLoss(List<Long> matryoshkaDims) {
    this(matryoshkaDims, Collections.nCopies(matryoshkaDims.size(), 1.0));
  }

  public MatryoshkaLoss(List<Long> matryoshkaDims, List<Double> matryoshkaWeights) {
    this(matryoshkaDims, matryoshkaWeights, -1, null);
  }

  /** With this many widths for each call, drawn from a generator or, if null, the global one. */
  public MatryoshkaLoss withDimsPerStep(long nDimsPerStep, @Nullable Generator generator) {
    return new MatryoshkaLoss(matryoshkaDims, matryoshkaWeights, nDimsPerStep, generator);
  }

  /**
   * The loss of rows.
   *
   * @param loss takes the same matrices, cut and normalised; the width is that of any of them
   * @param rows floats, [N, D] each
   * @return the weighted sum
   * @throws IllegalArgumentException if a width is greater than D
   */
  public Tensor forward(Function<List<Tensor>, Tensor> loss, Tensor... rows) {
    return Rows.scoped(() ->
        chosen().stream()
            .map(place -> {
              long dim = matryoshkaDims.get(place);
              List<Tensor> cut = Arrays.stream(rows).map(x -> shrink(x, dim)).toList();
              return loss.apply(cut).mul(matryoshkaWeights.get(place));
            })
            .reduce(Tensor::add)
            .orElseThrow());
  }

  /** A loss over a batch, and references where there are any, at all these widths. */
  public Loss of(Loss loss) {
    return (embeddings, relation, tuples, refEmb) -> {
      Tensor[] rows =
          refEmb == null || refEmb.equals(embeddings)
              ? new Tensor[] {embeddings}
              : new Tensor[] {embeddings, refEmb};
      return new LossResult(
          forward(
              x ->
                  loss.compute(x.getFirst(), relation, tuples, x.size() == 1 ? null : x.getLast())
                      .loss(),
              rows),
          Map.of());
    };
  }

  /** The places of the widths of this call, the greatest width first. */
  private List<Integer> chosen() {
    int count = matryoshkaDims.size();
    List<Integer> places = new ArrayList<>(IntStream.range(0, count).boxed().toList());
    if (nDimsPerStep > 0 && nDimsPerStep < count) {
      long[] drawn = Torch.randperm(count, generator).toLongArray();
      places = new ArrayList<>();
      for (int i = 0; i < nDimsPerStep; i++) {
        places.add((int) drawn[i]);
      }
    }
    places.sort(Comparator.comparing(matryoshkaDims::get).reversed());
    return places;
  }

  private static Tensor shrink(Tensor rows, long dim) {
    if (dim > rows.size(1)) {
      throw new IllegalArgumentException(
          "a width of matryoshka_dims must not be greater than that of the embeddings, but is %d for %d"
              .formatted(dim, rows.size(1)));
    }
    return Functional.normalize(rows.narrow(1, 0, dim));
  }
}
