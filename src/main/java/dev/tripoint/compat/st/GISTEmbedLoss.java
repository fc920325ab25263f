package dev.tripoint.compat.st;

import dev.tripoint.miner.Inputs;
import dev.tripoint.nn.Functional;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The ranking loss of anchors and positives, in which a guide says what is no negative: {@code
 * st.GISTEmbedLoss}. Candidates that the guide finds more similar to an anchor than its positive,
 * but for a margin, are left out. Similarities are cosines.
 *
 * <p>The guide's embeddings are given; in the source a model makes them. It holds the cosines of
 * the whole batch; {@link CachedGISTEmbedLoss} gives the same value and gradient in blocks.
 *
 * @param temperature what cosines are divided by; 0.01 by default
 * @param marginStrategy {@link MarginStrategy#ABSOLUTE} by default
 * @param margin 0 by default
 * @param contrastAnchors whether the other anchors are candidates too; true by default
 * @param contrastPositives whether positives are compared with each other too; true by default
 */
public record GISTEmbedLoss(
    double temperature,
    MarginStrategy marginStrategy,
    double margin,
    boolean contrastAnchors,
    boolean contrastPositives) {

  /** What the guide's cosine must be below to make a negative, where g is that of the positive. */
  public enum MarginStrategy {
    /** g − margin. */
    ABSOLUTE,
    /** g − |g| margin. */
    RELATIVE
  }

  /** Below this a row's norm counts as this. */
  private static final double SMALLEST_NORM = 1e-8;

  /**
   * @throws IllegalArgumentException if the temperature is 0 or one of the numbers is none
   */
  public GISTEmbedLoss {
    Inputs.requireNumber("temperature", temperature);
    Inputs.requireNumber("margin", margin);
    if (temperature == 0) {
      throw new IllegalArgumentException("temperature must not be 0");
    }
  }

  public GISTEmbedLoss() {
    this(0.01);
  }

  public GISTEmbedLoss(double temperature) {
    this(temperature, MarginStrategy.ABSOLUTE, 0, true, true);
  }

  public GISTEmbedLoss withMargin(MarginStrategy marginStrategy, double margin) {
    return new GISTEmbedLoss(
        temperature, marginStrategy, margin, contrastAnchors, contrastPositives);
  }

  public GISTEmbedLoss withContrasts(boolean contrastAnchors, boolean contrastPositives) {
    return new GISTEmbedLoss(
        temperature, marginStrategy, margin, contrastAnchors, contrastPositives);
  }

  /**
   * The loss of rows.
   *
   * @param embeddings anchors, positives and any number of negatives: floats, [N, D] each
   * @param guide what the guide makes of the same rows, in the same order: floats, [N, G] each
   * @return a single value
   * @throws IllegalArgumentException if shapes or dtypes do not fit
   */
  public Tensor forward(List<Tensor> embeddings, List<Tensor> guide) {
    require(embeddings, guide);
    return Rows.scoped(() -> part(embeddings, guide, 0, embeddings.getFirst().size(0)));
  }

  static void require(List<Tensor> embeddings, List<Tensor> guide) {
    if (embeddings.size() < 2 || guide.size() != embeddings.size()) {
      throw new IllegalArgumentException(
          "anchors and positives, and as many matrices of the guide, are needed, but there are %d and %d"
              .formatted(embeddings.size(), guide.size()));
    }
    for (List<Tensor> side : List.of(embeddings, guide)) {
      Tensor[] further = side.subList(2, side.size()).toArray(Tensor[]::new);
      Rows.require(side.get(0), side.get(1), further);
    }
    if (embeddings.getFirst().size(0) != guide.getFirst().size(0)) {
      throw new IllegalArgumentException(
          "the guide must have a row for each row, but has %s for %s"
              .formatted(
                  Arrays.toString(guide.getFirst().sizes()),
                  Arrays.toString(embeddings.getFirst().sizes())));
    }
  }

  /** What the anchors from {@code begin} to {@code end} add to the mean over all of them. */
  Tensor part(List<Tensor> embeddings, List<Tensor> guide, long begin, long end) {
    List<Tensor> rows = embeddings.stream().map(GISTEmbedLoss::directions).toList();
    List<Tensor> guiding =
        guide.stream().map(Tensor::detach).map(GISTEmbedLoss::directions).toList();
    long count = rows.getFirst().size(0);
    Tensor places = Torch.arange(count);
    Tensor own = places.narrow(0, begin, end - begin).unsqueeze(1);
    Tensor guided = cosines(guiding, 0, 1, begin, end);
    Tensor bound = bound(guided.gather(1, own));
    Tensor isOwn = own.eq(places.unsqueeze(0));
    Tensor near = cosines(rows, 0, 1, begin, end);
    List<Tensor> scores = new ArrayList<>();
    scores.add(near.maskedFill(guided.gt(bound).logicalAnd(isOwn.logicalNot()), NEVER));
    if (contrastAnchors) {
      scores.add(negatives(rows, guiding, 0, 0, begin, end, bound));
    }
    if (contrastPositives) {
      scores.add(negatives(rows, guiding, 1, 1, begin, end, bound));
    }
    for (int further = 2; further < rows.size(); further++) {
      scores.add(negatives(rows, guiding, 0, further, begin, end, bound));
    }
    Tensor all = Torch.cat(scores, 1).div(temperature);
    return all.logsumexp(1, false).sub(all.gather(1, own).squeeze(1)).sum().div((double) count);
  }

  private static final double NEVER = Double.NEGATIVE_INFINITY;

  private Tensor bound(Tensor guidedPositive) {
    return marginStrategy == MarginStrategy.ABSOLUTE
        ? guidedPositive.sub(margin)
        : guidedPositive.sub(guidedPositive.abs().mul(margin));
  }

  private static Tensor negatives(
      List<Tensor> rows,
      List<Tensor> guiding,
      int from,
      int to,
      long begin,
      long end,
      Tensor bound) {
    Tensor leftOut = cosines(guiding, from, to, begin, end).gt(bound);
    return cosines(rows, from, to, begin, end).maskedFill(leftOut, NEVER);
  }

  private static Tensor cosines(List<Tensor> directions, int from, int to, long begin, long end) {
    return directions.get(from).narrow(0, begin, end - begin).mm(directions.get(to).t());
  }

  private static Tensor directions(Tensor rows) {
    return Functional.normalize(rows, 2, 1, SMALLEST_NORM);
  }
}
