package dev.tripoint.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.distance.Distance;
import dev.tripoint.loss.Loss;
import dev.tripoint.loss.LossResult;
import dev.tripoint.miner.IndexTuples;
import dev.tripoint.miner.Miner;
import dev.tripoint.miner.Pairs;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.LibTorch;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Masks in place of labels, in every miner and every loss over a batch: a mask that says what the
 * labels say gives what they give, and what a mask ignores is never chosen and gets no gradient.
 */
class MasksTest {

  private static final Catalog CATALOG = Catalog.standard();

  /** What they compute has a number for each class, so a mask is refused. */
  private static final Set<String> NEED_CLASSES =
      Set.of(
          "pml.ArcFaceLoss",
          "pml.CentroidTripletLoss",
          "pml.CosFaceLoss",
          "pml.CrossBatchMemory",
          "pml.InstanceLoss",
          "pml.LargeMarginSoftmaxLoss",
          "pml.ManifoldLoss",
          "pml.NPairsLoss",
          "pml.NormalizedSoftmaxLoss",
          "pml.P2SGradLoss",
          "pml.ProxyAnchorLoss",
          "pml.ProxyNCALoss",
          "pml.SoftTripleLoss",
          "pml.SphereFaceLoss",
          "pml.SubCenterArcFaceLoss");

  /** Row i belongs to reference i, whatever labels or masks say. */
  private static final Set<String> LOOK_AT_NONE = Set.of("pml.VICRegLoss");

  /** Looks at no labels at all. */
  private static final String PACKAGED = "pml.EmbeddingsAlreadyPackagedAsTriplets";

  /** By labels it draws class by class, by masks anchor by anchor: other draws of the same kind. */
  private static final String BY_CLASS = "pml.DistanceWeightedMiner";

  /** A pair of rows counts once, whichever is the anchor, so both ways must be ignored. */
  private static final String UNDIRECTED = "pml.HistogramLoss";

  private static final int COLUMNS = 6;

  /** Labels, those of references, and how many rows each has. */
  private record Batch(Tensor embeddings, long[] labels, Tensor refEmb, long[] refLabels) {

    private static Batch of(long seed, long[] labels, long[] refLabels) {
      Random random = new Random(seed);
      return new Batch(
          normal(random, labels.length), labels, normal(random, refLabels.length), refLabels);
    }

    /** Classes of several sizes, one alone, and references of some of them and another. */
    private static Batch ragged(long seed) {
      return of(
          seed,
          new long[] {4, 7, 4, 9, 7, 4, 2, 9, 4, 7, 9, 4},
          new long[] {7, 4, 4, 9, 1, 9, 7, 2, 2, 4, 7, 9, 1});
    }

    /** Two rows of each class, and one reference of each. */
    private static Batch views(long seed) {
      return of(seed, new long[] {3, 1, 4, 0, 1, 3, 0, 4}, new long[] {4, 1, 0, 3, 5});
    }

    Relation byLabels(boolean references) {
      return Relation.of(Tensor.of(labels), references ? Tensor.of(refLabels) : null);
    }

    Relation byMask(boolean references) {
      long[] others = references ? refLabels : labels;
      boolean[] alike = new boolean[labels.length * others.length];
      for (int i = 0; i < alike.length; i++) {
        alike[i] = labels[i / others.length] == others[i % others.length];
      }
      return Relation.ofMask(Tensor.of(alike, labels.length, others.length));
    }

    Relation byBits(boolean references) {
      long[] others = references ? refLabels : labels;
      int width = (others.length + 7) / 8;
      int[] bytes = new int[labels.length * width];
      for (int i = 0; i < labels.length; i++) {
        for (int j = 0; j < others.length; j++) {
          bytes[i * width + j / 8] |= labels[i] == others[j] ? 1 << j % 8 : 0;
        }
      }
      Tensor bits = Tensor.of(bytes, labels.length, width).to(DType.UINT8);
      return Relation.ofBits(bits, others.length);
    }

    /** Each row with the one label that it has. */
    Relation bySets(boolean references) {
      return Relation.ofLabelSets(oneHot(labels), references ? oneHot(refLabels) : null);
    }

    private static Tensor oneHot(long[] labels) {
      boolean[] has = new boolean[labels.length * 10];
      for (int i = 0; i < labels.length; i++) {
        has[i * 10 + (int) labels[i]] = true;
      }
      return Tensor.of(has, labels.length, 10);
    }

    int columns(boolean references) {
      return references ? refLabels.length : labels.length;
    }
  }

  /**
   * Masks of chance; row and column 1 are ignored altogether, and so is the diagonal of a batch.
   */
  private record Masks(boolean[][] positive, boolean[][] ignored, boolean self) {

    private static Masks random(Random random, int rows, int columns, boolean self) {
      boolean[][] positive = new boolean[rows][columns];
      boolean[][] ignored = new boolean[rows][columns];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          positive[i][j] = random.nextInt(3) == 0;
          ignored[i][j] = random.nextInt(4) == 0 || i == 1 || j == 1;
        }
      }
      return new Masks(positive, ignored, self);
    }

    /** Each row has one positive, the next column that is not ignored, as NTXent wants it. */
    private static Masks views(Random random, int rows, int columns, boolean self) {
      Masks masks = random(random, rows, columns, self);
      for (int i = 0; i < rows; i++) {
        masks.ignored[i][1] = true;
        Arrays.fill(masks.positive[i], false);
        int at = i;
        do {
          at = (at + 1) % columns;
        } while (at == 1 || (self && at == i));
        masks.positive[i][at] = true;
        masks.ignored[i][at] = false;
      }
      return masks;
    }

    boolean counts(long i, long j) {
      return !ignored[(int) i][(int) j] && !(self && i == j);
    }

    Relation relation() {
      return Relation.ofMask(tensor(positive), tensor(ignored));
    }

    private static Tensor tensor(boolean[][] mask) {
      boolean[] flat = new boolean[mask.length * mask[0].length];
      for (int i = 0; i < flat.length; i++) {
        flat[i] = mask[i / mask[0].length][i % mask[0].length];
      }
      return Tensor.of(flat, mask.length, mask[0].length);
    }
  }

  static Stream<Part<?>> miners() {
    return CATALOG.parts(Kind.MINER).stream();
  }

  static Stream<Part<?>> minersOfLabels() {
    return miners().filter(p -> !p.name().equals(PACKAGED));
  }

  static Stream<Part<?>> losses() {
    return CATALOG.parts(Kind.LOSS).stream()
        .filter(p -> Objects.requireNonNull(p.accepts()).form() == Accepts.Form.BATCH);
  }

  static Stream<Part<?>> lossesOfMasks() {
    return losses()
        .filter(p -> !NEED_CLASSES.contains(p.name()) && !LOOK_AT_NONE.contains(p.name()));
  }

  static Stream<Part<?>> lossesOfAnyDistance() {
    return lossesOfMasks().filter(p -> p.distances() instanceof DistanceChoice.Any);
  }

  static Stream<Part<?>> lossesOfClasses() {
    return losses().filter(p -> NEED_CLASSES.contains(p.name()));
  }

  @ParameterizedTest
  @MethodSource("miners")
  void aMinerFindsByMaskWhatItFindsByLabels(Part<?> part) {
    Miner miner = (Miner) part.make(List.of(), Composition.OWN);
    for (long seed = 0; seed < 10; seed++) {
      for (boolean references : new boolean[] {false, true}) {
        try (TensorScope _ = TensorScope.open()) {
          Batch b = Batch.ragged(seed);
          List<List<Long>> byLabels = found(miner, b, b.byLabels(references), references);
          List<List<Long>> byMask = found(miner, b, b.byMask(references), references);
          List<List<Long>> byBits = found(miner, b, b.byBits(references), references);
          List<List<Long>> bySets = found(miner, b, b.bySets(references), references);
          assertThat(byLabels).isNotEmpty();
          if (part.name().equals(BY_CLASS)) {
            assertThat(anchors(byMask)).isEqualTo(anchors(byLabels));
            assertThat(anchors(byBits)).isEqualTo(anchors(byLabels));
            assertThat(anchors(bySets)).isEqualTo(anchors(byLabels));
          } else {
            assertThat(byMask).as("seed %d, references %s", seed, references).isEqualTo(byLabels);
            assertThat(byBits).as("seed %d, references %s", seed, references).isEqualTo(byLabels);
            assertThat(bySets).as("seed %d, references %s", seed, references).isEqualTo(byLabels);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("minersOfLabels")
  void aMinerTakesPositivesAndNegativesOfTheMaskAndNothingIgnored(Part<?> part) {
    Miner miner = (Miner) part.make(List.of(), Composition.OWN);
    int some = 0;
    for (long seed = 0; seed < 20; seed++) {
      for (boolean references : new boolean[] {false, true}) {
        try (TensorScope _ = TensorScope.open()) {
          Batch b = Batch.ragged(seed);
          Masks masks =
              Masks.random(new Random(seed), b.labels.length, b.columns(references), !references);
          for (List<Long> pair : found(miner, b, masks.relation(), references)) {
            some++;
            boolean positive = pair.get(0) == 1;
            for (int k = 2; k < pair.size(); k++) {
              int anchor = pair.get(1).intValue();
              int other = pair.get(k).intValue();
              assertThat(masks.counts(anchor, other)).as("%s of seed %d", pair, seed).isTrue();
              assertThat(masks.positive[anchor][other])
                  .as("%s of seed %d", pair, seed)
                  .isEqualTo(positive && k == 2);
            }
          }
        }
      }
    }
    assertThat(some).isGreaterThan(20);
  }

  @ParameterizedTest
  @MethodSource("lossesOfMasks")
  void aLossOfAMaskIsTheLossOfItsLabels(Part<?> part) {
    int some = 0;
    for (long seed = 0; seed < 5; seed++) {
      for (boolean references : references(part)) {
        try (TensorScope _ = TensorScope.open()) {
          for (Batch b : List.of(Batch.ragged(seed), Batch.views(seed))) {
            List<double[]> byLabels;
            try {
              byLabels = lossAndGradients(part, b, b.byLabels(references), references);
            } catch (IllegalArgumentException e) {
              // Some want two rows of each class.
              assertThat(e).hasMessageContaining("two");
              continue;
            }
            some++;
            assertSame(lossAndGradients(part, b, b.byMask(references), references), byLabels);
            assertSame(lossAndGradients(part, b, b.byBits(references), references), byLabels);
            assertSame(lossAndGradients(part, b, b.bySets(references), references), byLabels);
          }
        }
      }
    }
    assertThat(some).isGreaterThanOrEqualTo(5);
  }

  @ParameterizedTest
  @MethodSource("lossesOfMasks")
  void whatIsIgnoredHasNoPartInALoss(Part<?> part) {
    for (long seed = 0; seed < 10; seed++) {
      for (boolean references : references(part)) {
        try (TensorScope _ = TensorScope.open()) {
          Batch b = Batch.ragged(seed);
          Masks masks = masks(part, b, references, seed);
          List<double[]> before = lossAndGradients(part, b, masks.relation(), references);
          // Column 1 is ignored by all rows; in a batch, row 1 ignores all columns, too.
          if (references || !part.name().equals("finetuner.NTXentLoss")) {
            Tensor changed = references ? b.refEmb : b.embeddings;
            double[] gradient = before.get(references ? 2 : 1);
            assertThat(Arrays.copyOfRange(gradient, COLUMNS, 2 * COLUMNS))
                .as("seed %d, references %s", seed, references)
                .containsOnly(0);
            try (Tensor row = changed.select(0, 1)) {
              row.mul_(-0.37).add_(0.2);
            }
            assertSame(lossAndGradients(part, b, masks.relation(), references), before);
          }
        }
      }
    }
  }

  /** With a distance that is looked up, each pair's gradient can be seen by itself. */
  @ParameterizedTest
  @MethodSource("lossesOfAnyDistance")
  void ignoredPairsGetNoGradient(Part<?> part) {
    for (long seed = 0; seed < 10; seed++) {
      for (boolean references : references(part)) {
        try (TensorScope _ = TensorScope.open()) {
          Batch b = Batch.ragged(seed);
          Masks masks = masks(part, b, references, seed);
          Random random = new Random(seed + 100);
          double[] table = new double[b.labels.length * b.columns(references)];
          Arrays.setAll(table, _ -> random.nextDouble());
          Tensor matrix = Tensor.of(table, b.labels.length, b.columns(references));
          matrix.requiresGrad(true);
          Distance looked = (_, _) -> matrix.mul(1);
          Loss loss;
          try {
            loss = loss(part, looked);
          } catch (PartException e) {
            // It insists on a distance of its reference's.
            assertThat(e).hasMessageContaining("needs");
            return;
          }
          LossResult result =
              loss.compute(b.embeddings, masks.relation(), null, references ? b.refEmb : null);
          result.loss().sum().backward();
          double[] gradient = Objects.requireNonNull(matrix.grad()).toDoubleArray();
          int some = 0;
          for (int i = 0; i < gradient.length; i++) {
            int anchor = i / b.columns(references);
            int other = i % b.columns(references);
            if (masks.counts(anchor, other)
                || (part.name().equals(UNDIRECTED) && masks.counts(other, anchor))) {
              some += gradient[i] != 0 ? 1 : 0;
            } else {
              assertThat(gradient[i]).as("pair %d, %d", anchor, other).isZero();
            }
          }
          assertThat(some).isPositive();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("losses")
  void theCatalogueSaysWhoTakesMasks(Part<?> part) {
    boolean none = NEED_CLASSES.contains(part.name()) || LOOK_AT_NONE.contains(part.name());
    assertThat(Objects.requireNonNull(part.accepts()).masks()).isEqualTo(!none);
  }

  @ParameterizedTest
  @MethodSource("lossesOfClasses")
  void aLossOfClassesRefusesMasks(Part<?> part) {
    Loss loss = loss(part, null);
    try (TensorScope _ = TensorScope.open()) {
      Batch b = Batch.ragged(0);
      assertThatThrownBy(() -> loss.compute(b.embeddings, b.byMask(false), null, null))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static Tensor normal(Random random, int rows) {
    double[] values = new double[rows * COLUMNS];
    Arrays.setAll(values, _ -> random.nextGaussian());
    return Tensor.of(values, rows, COLUMNS);
  }

  private static Masks masks(Part<?> part, Batch b, boolean references, long seed) {
    Random random = new Random(seed);
    return part.name().equals("finetuner.NTXentLoss")
        ? Masks.views(random, b.labels.length, b.columns(references), !references)
        : Masks.random(random, b.labels.length, b.columns(references), !references);
  }

  private static boolean[] references(Part<?> part) {
    return Objects.requireNonNull(part.accepts()).references()
        ? new boolean[] {false, true}
        : new boolean[] {false};
  }

  private static Loss loss(Part<?> part, @Nullable Distance distance) {
    List<String> given = new ArrayList<>();
    for (Parameter parameter : part.parameters()) {
      if (parameter.required()) {
        given.add(parameter.name() + "=" + CatalogTest.some(part, parameter));
      }
    }
    return ((LossForm.OnBatch) part.make(given, new Composition(distance, null, null, null)))
        .loss();
  }

  /**
   * Each tuple by its kind (1 for positive pairs and triplets, 0 for negative pairs) and indices.
   */
  private static List<List<Long>> found(
      Miner miner, Batch b, Relation relation, boolean references) {
    LibTorch.manualSeed(11);
    IndexTuples tuples = miner.forward(b.embeddings, relation, references ? b.refEmb : null);
    List<List<Long>> found = new ArrayList<>();
    switch (tuples) {
      case Triplets t -> add(found, 1, t.anchor(), t.positive(), t.negative());
      case Pairs p -> {
        add(found, 1, p.anchorPositive(), p.positive());
        add(found, 0, p.anchorNegative(), p.negative());
      }
    }
    return found;
  }

  private static void add(List<List<Long>> found, long kind, Tensor... columns) {
    List<long[]> values = Arrays.stream(columns).map(Tensor::toLongArray).toList();
    for (int i = 0; i < values.getFirst().length; i++) {
      List<Long> tuple = new ArrayList<>(List.of(kind));
      for (long[] column : values) {
        tuple.add(column[i]);
      }
      found.add(tuple);
    }
  }

  private static List<Long> anchors(List<List<Long>> found) {
    return found.stream().map(tuple -> tuple.get(1)).sorted().toList();
  }

  /** The loss, and the gradients of embeddings and references, which are left without. */
  private static List<double[]> lossAndGradients(
      Part<?> part, Batch b, Relation relation, boolean references) {
    LibTorch.manualSeed(11);
    // Made anew, since some remember what they saw.
    Loss loss = loss(part, null);
    try (TensorScope _ = TensorScope.open()) {
      Tensor embeddings = b.embeddings.copy().requiresGrad(true);
      Tensor refEmb = b.refEmb.copy().requiresGrad(true);
      LossResult result = loss.compute(embeddings, relation, null, references ? refEmb : null);
      if (result.loss().requiresGrad()) {
        result.loss().sum().backward();
      }
      return List.of(
          result.loss().to(DType.FLOAT64).toDoubleArray(), gradient(embeddings), gradient(refEmb));
    }
  }

  private static double[] gradient(Tensor leaf) {
    Tensor grad = leaf.grad();
    return grad == null ? new double[(int) leaf.numel()] : grad.toDoubleArray();
  }

  private static void assertSame(List<double[]> ours, List<double[]> expected) {
    for (int i = 0; i < expected.size(); i++) {
      assertThat(ours.get(i)).containsExactly(expected.get(i), within(1e-9));
    }
  }
}
