package dev.tripoint.catalog;

import dev.tripoint.regularizer.CenterInvariantRegularizer;
import dev.tripoint.regularizer.LpRegularizer;
import dev.tripoint.regularizer.RegularFaceRegularizer;
import dev.tripoint.regularizer.Regularizer;
import dev.tripoint.regularizer.SparseCentersRegularizer;
import dev.tripoint.regularizer.ZeroMeanRegularizer;
import java.util.List;

/** The regularizers of pytorch-metric-learning. */
final class PmlRegularizers {
  private PmlRegularizers() {}

  static List<Part<?>> all() {
    return List.of(lp(), zeroMean(), centerInvariant(), regularFace(), sparseCenters());
  }

  private static Part<Regularizer> lp() {
    return regularizer("pml.LpRegularizer")
        .differs("A row of zeros has gradient 0 with a power below 1 too; the reference gives NaN.")
        .summary("The norm of each row.")
        .formula("|x|_p^power")
        .parameter(Parameter.real("p", 2, Range.atLeast(0).withHigh(), "the norm"))
        .parameter(Parameter.real("power", 1, Range.FINITE, "what each norm is raised to"))
        .anyReducer("pml.MeanReducer")
        .makesWith((a, with) -> with.ontoReducer(new LpRegularizer(a.real("p"), a.real("power"))));
  }

  private static Part<Regularizer> zeroMean() {
    return regularizer("pml.ZeroMeanRegularizer")
        .summary("The absolute sum of each row's entries.")
        .formula("|sum of x|")
        .anyReducer("pml.MeanReducer")
        .makesWith((a, with) -> with.ontoReducer(new ZeroMeanRegularizer()));
  }

  private static Part<Regularizer> centerInvariant() {
    return regularizer("pml.CenterInvariantRegularizer")
        .summary("How far each row's squared norm is from the mean of them, of rows as they are.")
        .formula("(|x|^2 - mean of |x|^2)^2 / 4")
        .anyDistance(PmlParts.LP)
        .anyReducer("pml.MeanReducer")
        .makesWith((a, with) -> with.onto(new CenterInvariantRegularizer()));
  }

  private static Part<Regularizer> regularFace() {
    return regularizer("pml.RegularFaceRegularizer")
        .summary("Each row's similarity to the most similar other row.")
        .formula("max over y other than x of s(x,y)")
        .anyDistance("pml.CosineSimilarity")
        .anyReducer("pml.MeanReducer")
        .makesWith((a, with) -> with.onto(new RegularFaceRegularizer()));
  }

  private static Part<Regularizer> sparseCenters() {
    return regularizer("pml.SparseCentersRegularizer")
        .differs("Centers of one direction cost 0 with gradient 0; the reference gives NaN.")
        .summary("How far the centers of a class are from each other.")
        .formula(
            "sqrt(2 - 2 s(x,y)) for each two centers of a class, divided by twice their number")
        .parameter(
            Parameter.requiredInteger(
                "num_classes", Range.between(1, Integer.MAX_VALUE), "how many classes there are"))
        .parameter(
            Parameter.requiredInteger(
                "centers_per_class",
                Range.between(2, Integer.MAX_VALUE),
                "how many rows each has, one class after the other"))
        .anyDistance("pml.CosineSimilarity")
        .anyReducer("pml.DivisorReducer")
        .makesWith((a, with) -> {
          var regularizer =
              new SparseCentersRegularizer(
                  a.integer("num_classes"), a.integer("centers_per_class"));
          return with.onto(regularizer);
        });
  }

  private static Part.Builder<Regularizer> regularizer(String name) {
    return Part.regularizer(name).reference(PmlParts.REFERENCE);
  }
}
