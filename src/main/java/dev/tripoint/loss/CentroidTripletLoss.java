package dev.tripoint.loss;

import dev.tripoint.distance.Distance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.miner.Triplets;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;
import java.util.List;
import java.util.Map;

/**
 * The centroid triplet loss: {@code pml.CentroidTripletLoss}. The triplet margin loss of each row
 * whose class has others, with the centroid of these others as its positive and the centroid of
 * each other class as a negative. A batch without such triplets gives 0 with gradient 0. It takes
 * neither tuples nor references.
 *
 * <p>Source followed: versions 1.1 to 1.7.3 of pytorch-metric-learning, the last ones that have it,
 * for batches of up to four classes with equally many rows each. From five classes on the source
 * keeps only three negatives of a row; of classes of different sizes it leaves out rows and takes
 * some centroids for those of another class; and it refuses classes of one row. Here all rows count
 * as said, and the row of such a class is a negative alone.
 *
 * @param triplets what a triplet costs, and how losses are measured and reduced; {@link
 *     TripletMarginLoss} with its defaults by default
 */
public record CentroidTripletLoss(TripletMarginLoss triplets)
    implements MetricLoss, WithDistance<CentroidTripletLoss>, WithReducer<CentroidTripletLoss> {

  public CentroidTripletLoss(double margin, boolean swap, boolean smoothLoss) {
    this(new TripletMarginLoss(margin, swap, smoothLoss));
  }

  public CentroidTripletLoss() {
    this(new TripletMarginLoss());
  }

  @Override
  public Reducer reducer() {
    return triplets.reducer();
  }

  @Override
  public CentroidTripletLoss with(Distance distance) {
    return new CentroidTripletLoss(triplets.with(distance));
  }

  @Override
  public CentroidTripletLoss with(Reducer reducer) {
    return new CentroidTripletLoss(triplets.with(reducer));
  }

  @Override
  public Map<String, LossTerms> terms(LossInput input) {
    input.requireNoReferences("CentroidTripletLoss");
    input.requireNoTuples("CentroidTripletLoss");
    Tensor embeddings = input.embeddings();
    Tensor labels = input.requireLabels("CentroidTripletLoss");
    Tensor members = labels.unique().unsqueeze(1).eq(labels.unsqueeze(0));
    Tensor others = input.requireRelation("CentroidTripletLoss").matches().matches();
    Tensor centroids = Torch.cat(List.of(means(embeddings, others), means(embeddings, members)), 0);
    List<Tensor> pairs = Torch.where(members.t().logicalNot().logicalAnd(others.any(1, true)));
    Tensor rows = pairs.getFirst();
    Triplets chosen = new Triplets(rows, rows, pairs.getLast().add(embeddings.size(0)));
    return triplets.terms(new LossInput(embeddings, null, chosen, centroids));
  }

  /** The mean of the rows that each row of a mask has; 0 where it has none. */
  private static Tensor means(Tensor embeddings, Tensor mask) {
    Tensor counts = mask.sum(1, true).clampMin(1).to(embeddings.dtype());
    return mask.to(embeddings.dtype()).mm(embeddings).div(counts);
  }
}
