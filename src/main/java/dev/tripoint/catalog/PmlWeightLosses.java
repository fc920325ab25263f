package dev.tripoint.catalog;

import dev.tripoint.catalog.Accepts.Need;
import dev.tripoint.loss.ArcFaceLoss;
import dev.tripoint.loss.ClassWeights;
import dev.tripoint.loss.ClassifyingLoss;
import dev.tripoint.loss.CosFaceLoss;
import dev.tripoint.loss.CrossBatchMemory;
import dev.tripoint.loss.InstanceLoss;
import dev.tripoint.loss.LargeMarginSoftmaxLoss;
import dev.tripoint.loss.MultipleLosses;
import dev.tripoint.loss.NormalizedSoftmaxLoss;
import dev.tripoint.loss.P2SGradLoss;
import dev.tripoint.loss.ProxyAnchorLoss;
import dev.tripoint.loss.ProxyNCALoss;
import dev.tripoint.loss.SelfSupervisedLoss;
import dev.tripoint.loss.SoftTripleLoss;
import dev.tripoint.loss.SphereFaceLoss;
import dev.tripoint.loss.SubCenterArcFaceLoss;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Device;
import dev.tripoint.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

/** The losses of pytorch-metric-learning that learn weights of their own, and its wrappers. */
final class PmlWeightLosses {
  private static final Range COUNT = Range.between(1, Integer.MAX_VALUE);
  private static final String COSINE = "pml.CosineSimilarity";
  private static final String MEAN = "pml.MeanReducer";

  private PmlWeightLosses() {}

  static List<Part<?>> all() {
    return List.of(
        arcFace(),
        cosFace(),
        sphereFace(),
        subCenterArcFace(),
        largeMarginSoftmax(),
        normalizedSoftmax(),
        softTriple(),
        proxyAnchor(),
        proxyNca(),
        p2sGrad(),
        instance(),
        crossBatchMemory(),
        multipleLosses(),
        selfSupervised());
  }

  private static Part<LossForm> arcFace() {
    return classes("pml.ArcFaceLoss", COSINE, MEAN)
        .differs(
            "A row that lies exactly along its class has a finite gradient; the reference gives NaN.")
        .summary("The softmax loss of scaled cosines, with a margin on the angle to the own class.")
        .formula("cross entropy of scale * cos(t), with cos(t + margin) for the own class")
        .parameter(degrees())
        .parameter(scale(64, "what cosines are multiplied by"))
        .makesWith((a, with) -> {
          ArcFaceLoss loss =
              made(a, with, ArcFaceLoss::new, ArcFaceLoss::new)
                  .withMargin(a.real("margin"))
                  .withScale(a.real("scale"));
          return finished(a, with, loss);
        });
  }

  private static Part<LossForm> cosFace() {
    return classes("pml.CosFaceLoss", COSINE, MEAN)
        .summary("The softmax loss of scaled cosines, with a margin on that to the own class.")
        .formula("cross entropy of scale * cos(t), with cos(t) - margin for the own class")
        .parameter(Parameter.real("margin", 0.35, Range.FINITE, "what is taken from the cosine"))
        .parameter(scale(64, "what cosines are multiplied by"))
        .makesWith((a, with) -> {
          CosFaceLoss loss =
              made(a, with, CosFaceLoss::new, CosFaceLoss::new)
                  .withMargin(a.real("margin"))
                  .withScale(a.real("scale"));
          return finished(a, with, loss);
        });
  }

  private static Part<LossForm> sphereFace() {
    return classes("pml.SphereFaceLoss", COSINE, MEAN)
        .summary("The softmax loss of cosines times the embedding's norm, with multiplied angles.")
        .formula(
            "cross entropy of scale * |x| * cos(t), with (-1)^k cos(margin * t) - 2k for the own class")
        .parameter(wholeMargin())
        .parameter(scale(1, "what logits are multiplied by"))
        .makesWith((a, with) -> {
          SphereFaceLoss loss =
              made(a, with, SphereFaceLoss::new, SphereFaceLoss::new)
                  .withMargin((int) a.integer("margin"))
                  .withScale(a.real("scale"));
          return finished(a, with, loss);
        });
  }

  private static Part<LossForm> largeMarginSoftmax() {
    return classes("pml.LargeMarginSoftmaxLoss", COSINE, MEAN)
        .summary("The softmax loss of the classes' dot products, with multiplied angles.")
        .formula(
            "cross entropy of scale * |x| * |w| * cos(t), with (-1)^k cos(margin * t) - 2k for the own class")
        .parameter(wholeMargin())
        .parameter(scale(1, "what logits are multiplied by"))
        .makesWith((a, with) -> {
          LargeMarginSoftmaxLoss loss =
              made(a, with, LargeMarginSoftmaxLoss::new, LargeMarginSoftmaxLoss::new)
                  .withMargin((int) a.integer("margin"))
                  .withScale(a.real("scale"));
          return finished(a, with, loss);
        });
  }

  private static Part<LossForm> subCenterArcFace() {
    return classes("pml.SubCenterArcFaceLoss", COSINE, MEAN)
        .differs(
            "A row that lies exactly along a center has a finite gradient; the reference gives NaN.")
        .summary(
            "The ArcFace loss with several centers for each class, of which the nearest counts.")
        .formula("as pml.ArcFaceLoss, with the greatest cosine to a class's centers")
        .parameter(degrees())
        .parameter(scale(64, "what cosines are multiplied by"))
        .parameter(Parameter.integer("sub_centers", 3, COUNT, "how many centers a class has"))
        .makesWith((a, with) -> {
          long each = a.integer("sub_centers");
          SubCenterArcFaceLoss loss =
              made(
                      a,
                      with,
                      weights -> new SubCenterArcFaceLoss(each, weights),
                      (classes, size) -> new SubCenterArcFaceLoss(classes, size, each, null))
                  .withMargin(a.real("margin"))
                  .withScale(a.real("scale"));
          return finished(a, with, loss);
        });
  }

  private static Part<LossForm> normalizedSoftmax() {
    return classes("pml.NormalizedSoftmaxLoss", "pml.DotProductSimilarity", MEAN)
        .summary("The softmax loss of similarities to the classes' normalised rows.")
        .formula("cross entropy of s(x, w / |w|) / temperature (-d for a distance)")
        .parameter(
            Parameter.real("temperature", 0.05, Range.above(0), "what logits are divided by"))
        .makesWith((a, with) -> {
          NormalizedSoftmaxLoss loss =
              made(a, with, NormalizedSoftmaxLoss::new, NormalizedSoftmaxLoss::new)
                  .withTemperature(a.real("temperature"));
          return finished(a, with, loss);
        });
  }

  private static Part<LossForm> softTriple() {
    return classes("pml.SoftTripleLoss", COSINE, MEAN)
        .summary("The softmax loss of similarities to classes with several centers each.")
        .formula(
            "cross entropy of la * (S - margin at the own class), S = sum of softmax(s / gamma) s over a class's centers")
        .parameter(
            Parameter.integer("centers_per_class", 10, COUNT, "how many centers a class has"))
        .parameter(Parameter.real("la", 20, Range.FINITE, "what similarities are multiplied by"))
        .parameter(
            Parameter.real("gamma", 0.1, Range.above(0), "the temperature over a class's centers"))
        .parameter(
            Parameter.real(
                "margin", 0.01, Range.FINITE, "what is taken from the own class's similarity"))
        .makesWith((a, with) -> {
          long each = a.integer("centers_per_class");
          SoftTripleLoss loss =
              made(
                      a,
                      with,
                      weights -> new SoftTripleLoss(each, weights),
                      (classes, size) -> new SoftTripleLoss(classes, size, each, null))
                  .withLa(a.real("la"))
                  .withGamma(a.real("gamma"))
                  .withMargin(a.real("margin"));
          return finished(a, with, loss);
        });
  }

  private static Part<LossForm> proxyAnchor() {
    return classes("pml.ProxyAnchorLoss", COSINE, "pml.DivisorReducer")
        .summary("Each class's proxy against the rows of its class and those of all others.")
        .formula(
            "mean over classes of log(1 + sum exp(-alpha (s - margin))) and of log(1 + sum exp(alpha (s + margin)))")
        .parameter(
            Parameter.real("margin", 0.1, Range.FINITE, "by how much similarities must differ"))
        .parameter(Parameter.real("alpha", 32, Range.FINITE, "what similarities are multiplied by"))
        .makesWith((a, with) -> {
          ProxyAnchorLoss loss =
              made(a, with, ProxyAnchorLoss::new, ProxyAnchorLoss::new)
                  .withMargin(a.real("margin"))
                  .withAlpha(a.real("alpha"));
          return finished(a, with, loss);
        });
  }

  private static Part<LossForm> proxyNca() {
    return classes("pml.ProxyNCALoss", "pml.LpDistance", MEAN)
        .differs(
            "A batch in which no row has a share of its class costs 0; the reference gives NaN.")
        .summary("Neighbourhood components analysis with a proxy for each class.")
        .formula(
            "-log of the own class's softmax(softmax_scale * -d(x,w)) over classes (s for a similarity)")
        .parameter(
            Parameter.real(
                "softmax_scale", 1, Range.above(0), "what similarities are multiplied by"))
        .makesWith((a, with) -> {
          ProxyNCALoss loss =
              made(a, with, ProxyNCALoss::new, ProxyNCALoss::new)
                  .withSoftmaxScale(a.real("softmax_scale"));
          return finished(a, with, loss);
        });
  }

  private static Part<LossForm> p2sGrad() {
    return Part.loss("pml.P2SGradLoss", Accepts.batch().byLabelsAlone().withWeights(Need.OPTIONAL))
        .reference(PmlParts.REFERENCE)
        .differs("A row of zeros counts as orthogonal to all classes; the reference gives NaN.")
        .summary(
            "The squared difference between cosines to classes and 1 for the own, 0 for others.")
        .formula("mean over rows and classes of (cos(x,w) - [own class])^2")
        .parameter(
            Parameter.requiredInteger("descriptors_dim", COUNT, "the columns of the embeddings"))
        .parameter(Parameter.requiredInteger("num_classes", COUNT, "how many classes there are"))
        .anyReducer(MEAN)
        .makesWith((a, with) -> {
          long size = a.integer("descriptors_dim");
          long classes = a.integer("num_classes");
          Tensor given = with.weights();
          if (given != null) {
            requireShape(given, size, classes);
          }
          var loss = given == null ? new P2SGradLoss(size, classes) : new P2SGradLoss(given);
          return new LossForm.OnBatch(with.ontoReducer(loss));
        });
  }

  private static Part<LossForm> instance() {
    return Part.loss("pml.InstanceLoss", Accepts.batch().byLabelsAlone())
        .reference(PmlParts.REFERENCE)
        .summary("The softmax loss of each row's cosines to the batch, as the source numbers rows.")
        .formula("cross entropy of gamma * cos(x_i, x_j) over j, against j = number of i's class")
        .parameter(Parameter.real("gamma", 64, Range.FINITE, "what cosines are multiplied by"))
        .anyDistance(COSINE)
        .anyReducer(MEAN)
        .makesWith((a, with) -> new LossForm.OnBatch(with.onto(new InstanceLoss(a.real("gamma")))));
  }

  private static Part<LossForm> crossBatchMemory() {
    return Part.loss(
            "pml.CrossBatchMemory", Accepts.batchWithTuples().withoutReferences().byLabelsAlone())
        .reference(PmlParts.REFERENCE)
        .differs(
            "Works with swap; a batch of one row is not paired with itself; miners, and losses that look at labels, do not see a row as its own positive; tuples given with a later batch find its rows in the queue; a mask by which no row enters, or more than fit, leaves the queue right. The reference fails or goes wrong in each of these.")
        .summary("A loss of a batch against all rows of the last batches; here of a first batch.")
        .formula("loss(x, memory), x in the memory; no row with itself")
        .parameter(
            Parameter.requiredPart("loss", "what is computed; it takes tuples and references"))
        .parameter(
            Parameter.requiredInteger("embedding_size", COUNT, "the columns of the embeddings"))
        .parameter(Parameter.integer("memory_size", 1024, COUNT, "how many rows are remembered"))
        .parameter(
            Parameter.optionalPart("miner", "chooses the tuples; all pairs where none is named"))
        .makes(a -> {
          Nested miner = a.partOrNull("miner");
          // Kept in float64, which holds whatever dtype the batch has.
          return new LossForm.OnBatch(
              new CrossBatchMemory(
                  a.part("loss").loss(),
                  a.integer("embedding_size"),
                  a.integer("memory_size"),
                  miner == null ? null : miner.miner(),
                  DType.FLOAT64,
                  Device.CPU));
        });
  }

  private static Part<LossForm> multipleLosses() {
    return Part.loss("pml.MultipleLosses", Accepts.batchWithTuples())
        .reference(PmlParts.REFERENCE)
        .differs("References go to every loss and miner; the reference takes none.")
        .summary("The weighted sum of several losses, each perhaps with a miner of its own.")
        .formula("sum of weight * loss(x)")
        .parameter(Parameter.requiredParts("losses", "the losses, with a name each"))
        .parameter(
            Parameter.optionalParts(
                "miners", "miners by the names of their losses; none by itself"))
        .parameter(
            Parameter.optionalList(
                "weights", "one for each loss, in their order; 1 each by itself"))
        .makes(a -> {
          Map<String, Nested> losses = a.parts("losses");
          Map<String, Nested> miners = a.parts("miners");
          List<Double> weights = a.listOrNull("weights");
          if (weights != null && weights.size() != losses.size()) {
            throw new IllegalArgumentException(
                "%d losses need as many weights, but there are %d"
                    .formatted(losses.size(), weights.size()));
          }
          if (!losses.keySet().containsAll(miners.keySet())) {
            throw new IllegalArgumentException(
                "miners must have the names of losses, %s, but are %s"
                    .formatted(losses.keySet(), miners.keySet()));
          }
          Map<String, MultipleLosses.Weighted> all = new LinkedHashMap<>();
          losses.forEach((name, each) -> {
            Nested miner = miners.get(name);
            all.put(
                name,
                new MultipleLosses.Weighted(
                    each.loss(),
                    weights == null ? 1 : weights.get(all.size()),
                    miner == null ? null : miner.miner()));
          });
          return new LossForm.OnBatch(new MultipleLosses(all));
        });
  }

  private static Part<LossForm> selfSupervised() {
    return Part.loss("pml.SelfSupervisedLoss", Accepts.rows(Need.NO, Need.NO))
        .differs("Takes any loss over a batch; the reference takes those that it lists.")
        .reference(PmlParts.REFERENCE)
        .summary("A loss of two views of the same things, row by row, all others being negatives.")
        .formula("loss of both views as one batch, or of the first with the second as references")
        .parameter(Parameter.requiredPart("loss", "what is computed, a loss over a batch"))
        .parameter(Parameter.flag("symmetric", true, "both views are one batch"))
        .makes(a -> {
          var loss = new SelfSupervisedLoss(a.part("loss").loss(), a.flag("symmetric"));
          return new LossForm.OnRows(
              (anchor, positive, negative, targets) -> loss.compute(anchor, positive));
        });
  }

  private static Part.Builder<LossForm> classes(String name, String distance, String reducer) {
    return Part.loss(
            name,
            Accepts.batchWithTuples()
                .withoutReferences()
                .byLabelsAlone()
                .withWeights(Need.OPTIONAL))
        .reference(PmlParts.REFERENCE)
        .parameter(Parameter.requiredInteger("num_classes", COUNT, "how many classes there are"))
        .parameter(
            Parameter.requiredInteger("embedding_size", COUNT, "the columns of the embeddings"))
        .parameter(
            Parameter.optionalPart(
                "weight_regularizer", "a regularizer of the classes' rows; none by itself"))
        .parameter(
            Parameter.real("weight_reg_weight", 1, Range.FINITE, "what its cost is multiplied by"))
        .anyDistance(distance)
        .anyReducer(reducer);
  }

  /** A loss with the weights of the composition, else with weights that it draws. */
  private static <L extends ClassifyingLoss<L>> L made(
      Arguments a,
      Composition with,
      Function<ClassWeights, L> given,
      BiFunction<Long, Long, L> drawn) {
    long classes = a.integer("num_classes");
    long size = a.integer("embedding_size");
    Tensor weights = with.weights();
    if (weights == null) {
      return drawn.apply(classes, size);
    }
    L loss = given.apply(new ClassWeights(weights));
    boolean asRows = loss.rows(weights).equals(weights);
    long count = classes * loss.centers();
    requireShape(weights, asRows ? count : size, asRows ? size : count);
    return loss;
  }

  private static <L extends ClassifyingLoss<L>> LossForm finished(
      Arguments a, Composition with, L loss) {
    Nested regularizer = a.partOrNull("weight_regularizer");
    L regularized =
        regularizer == null
            ? loss
            : loss.withWeightRegularizer(regularizer.regularizer(), a.real("weight_reg_weight"));
    return new LossForm.OnBatch(with.onto(regularized));
  }

  static void requireShape(Tensor weights, long rows, long columns) {
    if (weights.size(0) != rows || weights.size(1) != columns) {
      throw new IllegalArgumentException(
          "the weights must be of shape [%d, %d], but are %s"
              .formatted(rows, columns, Arrays.toString(weights.sizes())));
    }
  }

  private static Parameter degrees() {
    return Parameter.real("margin", 28.6, Range.FINITE, "what is added to the angle, in degrees");
  }

  private static Parameter wholeMargin() {
    return Parameter.integer("margin", 4, Range.between(1, 100), "what the angle is multiplied by");
  }

  private static Parameter scale(double standard, String meaning) {
    return Parameter.real("scale", standard, Range.FINITE, meaning);
  }
}
