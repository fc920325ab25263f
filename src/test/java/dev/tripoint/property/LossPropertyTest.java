package dev.tripoint.property;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.catalog.Accepts.Need;
import dev.tripoint.property.Specimen.Choice;
import dev.tripoint.tensor.DType;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every loss of batches that the catalogue has. */
class LossPropertyTest {
  private static final int DIRECTIONS = 6;
  private static final double STEP = 1e-6;

  /** Beyond it half precision may overflow. */
  private static final double LARGE = 1e4;

  static Stream<Specimen> losses() {
    return Specimen.losses();
  }

  static Stream<Specimen> ofMasks() {
    return losses().filter(each -> each.accepts().masks());
  }

  static Stream<Specimen> ofLabelsAlone() {
    return losses()
        .filter(each -> !each.accepts().masks() && each.accepts().relation() == Need.YES);
  }

  static Stream<Specimen> ofCopies() {
    return losses().filter(each -> !Exceptions.TWO_VIEWS.contains(each.name()));
  }

  static Stream<Specimen> ofDirections() {
    return with(
        new Choice("pml.LpDistance"), new Choice("pml.CosineSimilarity"), new Choice("cosine"));
  }

  /** Weights are not shifted with the embeddings, so losses that have some are left out. */
  static Stream<Specimen> ofDifferences() {
    Stream<Specimen> chosen =
        with(
            new Choice("pml.LpDistance", "normalize_embeddings=false"),
            new Choice("pml.LpDistance", "normalize_embeddings=false", "p=1"),
            new Choice("euclidean"),
            new Choice("eucledian"));
    return Stream.concat(losses().filter(each -> each.name().startsWith("online.")), chosen)
        .filter(each -> each.weights() == null);
  }

  /** Those losses that take a distance, with each that they take. */
  private static Stream<Specimen> with(Choice... choices) {
    return losses().flatMap(each -> each.with(choices)).filter(LossPropertyTest::isTaken);
  }

  private static boolean isTaken(Specimen specimen) {
    try {
      new Trial(specimen, Samples.of(specimen, 0), !Samples.takes(specimen, false)).value();
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Test
  void thereAreLossesOfEveryKind() {
    assertThat(ofDirections().map(Specimen::name).distinct().count()).isGreaterThan(20);
    assertThat(ofDifferences().map(Specimen::name).distinct().count()).isGreaterThan(10);
    assertThat(ofMasks().count()).isGreaterThan(20);
    List<String> names = losses().map(Specimen::name).toList();
    assertThat(names).containsAll(Exceptions.ofLosses());
  }

  @ParameterizedTest
  @MethodSource("losses")
  void permutingTheBatchPermutesTheGradient(Specimen specimen) {
    Exceptions.check(
        Exceptions.ORDER,
        specimen,
        Samples.violation(
            specimen,
            (sample, references) -> {
              int[] order = sample.order(1);
              int[] refOrder = Samples.takes(specimen, false) ? sample.order(2) : order;
              Trial trial = new Trial(specimen, sample, references);
              return trial
                  .on(sample.permuted(order, refOrder))
                  .outcome()
                  .differs(trial.outcome().permuted(order, refOrder));
            }));
  }

  @ParameterizedTest
  @MethodSource("ofMasks")
  void aMaskIsWorthTheLabelsThatMakeIt(Specimen specimen) {
    assertThat(
            Samples.violation(
                specimen,
                (sample, references) -> {
                  Trial trial = new Trial(specimen, sample, references);
                  return trial.byMasks().differs(trial.outcome());
                }))
        .isNull();
  }

  @ParameterizedTest
  @MethodSource("ofLabelsAlone")
  void whatNeedsLabelsRefusesMasks(Specimen specimen) {
    Trial trial = new Trial(specimen, Samples.of(specimen, 0), !Samples.takes(specimen, false));
    assertThatThrownBy(trial::byMasks)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("labels");
  }

  @ParameterizedTest
  @MethodSource("ofDirections")
  void directionsAloneCount(Specimen specimen) {
    Exceptions.check(
        Exceptions.SCALE,
        specimen,
        Samples.violation(
            specimen,
            (sample, references) -> {
              double[] random = new Random(sample.seed()).doubles(sample.size(), 0.5, 2).toArray();
              IntToDoubleFunction factor = i -> random[i];
              Trial trial = new Trial(specimen, sample, references);
              return trial
                  .on(sample.scaled(factor))
                  .outcome()
                  .differs(trial.outcome().scaled(factor));
            }));
  }

  @ParameterizedTest
  @MethodSource("ofDifferences")
  void differencesAloneCount(Specimen specimen) {
    Exceptions.check(
        Exceptions.SHIFT,
        specimen,
        Samples.violation(
            specimen,
            (sample, references) -> {
              Trial trial = new Trial(specimen, sample, references);
              return trial.on(sample.shifted(0.75)).outcome().differs(trial.outcome());
            }));
  }

  @ParameterizedTest
  @MethodSource("ofCopies")
  void copiesOfARowHaveTheSameGradient(Specimen specimen) {
    Exceptions.check(
        Exceptions.COPIES,
        specimen,
        Samples.violation(
            specimen,
            (sample, references) -> {
              int rows = sample.size();
              int[] swapped =
                  IntStream.range(0, 2 * rows).map(i -> (i + rows) % (2 * rows)).toArray();
              Outcome twice = new Trial(specimen, sample.twice(), references).outcome();
              assertThat(twice.isFinite()).as("%s, seed %d", specimen, sample.seed()).isTrue();
              return twice.permuted(swapped, swapped).differs(twice);
            }));
  }

  @ParameterizedTest
  @MethodSource("losses")
  void theGradientIsThatOfFiniteDifferences(Specimen specimen) {
    double[] largest = {0};
    Exceptions.check(
        Exceptions.GRADIENT,
        specimen,
        Samples.violation(
            specimen,
            (sample, references) -> {
              Trial trial = new Trial(specimen, sample, references);
              double[] gradients = trial.outcome().gradients();
              for (double slope : gradients) {
                largest[0] = Math.max(largest[0], Math.abs(slope));
              }
              return steepness(trial, gradients);
            }));
    assertThat(largest[0]).as("%s has no gradient anywhere", specimen).isGreaterThan(1e-3);
  }

  /** Goes a little way in random directions; of everything, or of a single row. */
  private static @Nullable String steepness(Trial trial, double[] gradients) {
    Random random = new Random(trial.sample().seed());
    double largest = Arrays.stream(gradients).map(Math::abs).max().orElse(0);
    for (int i = 0; i < DIRECTIONS; i++) {
      double[] direction = random.doubles(gradients.length, -1, 1).toArray();
      if (i % 2 == 1) {
        int row = random.nextInt(trial.sample().size());
        Arrays.setAll(direction, k -> k / Sample.COLUMNS == row ? direction[k] : 0);
      }
      double expected = 0;
      for (int k = 0; k < direction.length; k++) {
        expected += gradients[k] * direction[k];
      }
      double found =
          (trial.moved(direction, STEP).value() - trial.moved(direction, -STEP).value())
              / (2 * STEP);
      if (!(Math.abs(found - expected) <= 1e-5 * Math.max(1e-2, largest))) {
        return "slope %s for %s".formatted(expected, found);
      }
    }
    return null;
  }

  @ParameterizedTest
  @MethodSource("losses")
  void inOneCallItHasTheBitsOfForwardAndBackward(Specimen specimen) {
    DType[] dtypes = {DType.FLOAT64, DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16};
    assertThat(
            Samples.violation(
                specimen,
                (sample, references) -> {
                  Trial trial = new Trial(specimen, sample, references);
                  for (DType dtype : dtypes) {
                    String found = trial.inOneCall(dtype).differsInBits(trial.outcome(dtype));
                    if (found != null) {
                      return dtype + ": " + found;
                    }
                  }
                  return specimen.accepts().masks()
                      ? trial.inOneCallByMasks().differsInBits(trial.byMasks())
                      : null;
                }))
        .as("%s", specimen)
        .isNull();
  }

  @ParameterizedTest
  @MethodSource("losses")
  void halfPrecisionIsFiniteWhereSinglePrecisionIs(Specimen specimen) {
    assertThat(
            Samples.violation(
                specimen,
                (sample, references) -> {
                  Trial trial = new Trial(specimen, sample, references);
                  Outcome single = trial.outcome(DType.FLOAT32);
                  for (DType half : new DType[] {DType.FLOAT16, DType.BFLOAT16}) {
                    Outcome found = trial.outcome(half);
                    if (single.isFinite() && single.largest() < LARGE && !found.isFinite()) {
                      return half + " gives " + found.loss();
                    }
                  }
                  return null;
                }))
        .as("%s", specimen)
        .isNull();
  }
}
