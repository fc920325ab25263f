package dev.tripoint.regularizer;

import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.WithDistance;
import dev.tripoint.reducer.DivisorReducer;
import dev.tripoint.reducer.LossTerms;
import dev.tripoint.reducer.Reducer;
import dev.tripoint.reducer.WithReducer;
import dev.tripoint.tensor.Op;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.Torch;

/**
 * The distance √(2 − 2 cos) of each two centers of one class: {@code pml.SparseCentersRegularizer},
 * for weights with some rows for each class. Brought down it merges centers that are not needed.
 * Centers that point the same way cost 0 with gradient 0, where the source gives NaN.
 *
 * <p>The source divides by twice the number of pairs, each counted once, and so does the {@link
 * DivisorReducer} here.
 *
 * @param numClasses how many classes there are
 * @param centersPerClass how many rows each has, one class after the other; 2 or more
 * @param distance a {@link CosineSimilarity}; that with its defaults by default
 * @param reducer {@link DivisorReducer} by default
 */
public record SparseCentersRegularizer(
    long numClasses, long centersPerClass, Distance distance, Reducer reducer)
    implements MetricRegularizer,
        WithDistance<SparseCentersRegularizer>,
        WithReducer<SparseCentersRegularizer> {

  private static final Op TRIU_INDICES = Op.of("aten::triu_indices");

  /**
   * @throws IllegalArgumentException if there is no class, or none with two centers, or the
   *     distance is another
   */
  public SparseCentersRegularizer {
    if (numClasses < 1) {
      throw new IllegalArgumentException("numClasses must be 1 or more, but is " + numClasses);
    }
    if (centersPerClass < 2) {
      throw new IllegalArgumentException(
          "centersPerClass must be 2 or more, but is " + centersPerClass);
    }
    if (!(distance instanceof CosineSimilarity)) {
      throw new IllegalArgumentException(
          "the distance must be a CosineSimilarity, but is " + distance);
    }
  }

  public SparseCentersRegularizer(long numClasses, long centersPerClass) {
    this(numClasses, centersPerClass, new CosineSimilarity(), new DivisorReducer());
  }

  @Override
  public SparseCentersRegularizer with(Distance distance) {
    return new SparseCentersRegularizer(numClasses, centersPerClass, distance, reducer);
  }

  @Override
  public SparseCentersRegularizer with(Reducer reducer) {
    return new SparseCentersRegularizer(numClasses, centersPerClass, distance, reducer);
  }

  /**
   * @throws IllegalArgumentException if there are not as many rows as centers
   */
  @Override
  public LossTerms terms(Tensor rows) {
    if (rows.size(0) != numClasses * centersPerClass) {
      throw new IllegalArgumentException(
          "%d classes with %d centers each need %d rows, but there are %d"
              .formatted(numClasses, centersPerClass, numClasses * centersPerClass, rows.size(0)));
    }
    // Row numbers of all pairs within a class, [2, classes · pairs], class after class.
    Tensor within = TRIU_INDICES.callTensor(centersPerClass, centersPerClass, 1);
    Tensor firsts = Torch.arange(numClasses).mul(centersPerClass).unsqueeze(1);
    Tensor cosines =
        distance
            .matrix(rows, rows)
            .index(
                within.select(0, 0).unsqueeze(0).add(firsts).reshape(-1),
                within.select(0, 1).unsqueeze(0).add(firsts).reshape(-1));
    Tensor distances = Norms.aboveZero(cosines.mul(2).rsub(2), Tensor::sqrt);
    return LossTerms.elements(distances).withDivisor(2.0 * distances.numel());
  }
}
