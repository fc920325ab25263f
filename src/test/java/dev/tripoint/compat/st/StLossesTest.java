package dev.tripoint.compat.st;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.Composition;
import dev.tripoint.catalog.LossForm;
import dev.tripoint.catalog.PartException;
import dev.tripoint.compat.st.MultipleNegativesRankingLoss.Direction;
import dev.tripoint.compat.st.MultipleNegativesRankingLoss.PartitionMode;
import dev.tripoint.distance.CosineSimilarity;
import dev.tripoint.distance.Distance;
import dev.tripoint.distance.LpDistance;
import dev.tripoint.loss.Loss;
import dev.tripoint.loss.TripletMarginLoss;
import dev.tripoint.miner.Relation;
import dev.tripoint.miner.Triplets;
import dev.tripoint.nn.Functional;
import dev.tripoint.tensor.Autograd;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Generator;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StLossesTest {
  private static final int ROWS = 23;

  private TensorScope scope;
  private Generator generator;
  private Tensor anchor;
  private Tensor positive;
  private Tensor negative;
  private Tensor labels;

  @BeforeEach
  void rows() {
    scope = TensorScope.open();
    generator = new Generator(20260);
    anchor = drawn();
    positive = drawn();
    negative = drawn();
    labels = Torch.randint(5, generator, ROWS);
  }

  @AfterEach
  void close() {
    generator.close();
    scope.close();
  }

  private Tensor drawn() {
    return Torch.randn(generator, DType.FLOAT64, ROWS, 6).requiresGrad(true);
  }

  private static double[] gradient(Tensor leaf) {
    Tensor gradient = leaf.grad();
    double[] values = gradient.toDoubleArray();
    leaf.grad(null);
    return values;
  }

  /** One by the matrix, by masks with ignored pairs and a row of positives alone. */
  @Test
  void aDistanceOfOnesOwnGivesWhatItsNameGives() {
    var named = BatchHardTripletLossDistanceFunction.EUCLIDEAN_DISTANCE;
    UnaryOperator<Tensor> own = rows -> named.apply(rows);
    Tensor ignored = Torch.rand(generator, DType.FLOAT64, ROWS, ROWS).gt(0.8);
    Tensor mask =
        Torch.rand(generator, DType.FLOAT64, ROWS, ROWS)
            .gt(0.7)
            .logicalOr(Torch.arange(ROWS).eq(3).unsqueeze(1));
    Relation relation = Relation.ofMask(mask, ignored);
    List<Function<UnaryOperator<Tensor>, Loss>> losses =
        List.of(
            metric -> new BatchHardTripletLoss(2, metric),
            BatchHardSoftMarginTripletLoss::new,
            metric -> new BatchAllTripletLoss(2, metric));
    for (Function<UnaryOperator<Tensor>, Loss> loss : losses) {
      Tensor expected = loss.apply(named).compute(anchor, relation, null, null).loss();
      expected.backward();
      double[] slope = gradient(anchor);
      Tensor found = loss.apply(own).compute(anchor, relation, null, null).loss();
      found.backward();
      assertThat(found.item()).isCloseTo(expected.item(), within(1e-9));
      assertThat(gradient(anchor)).containsExactly(slope, within(1e-9));
    }
  }

  @Test
  void blocksHoldNoMoreRowsOfScoresThanTheyHave() {
    List<Long> rows = new ArrayList<>();
    Distance counting =
        Distance.similarity((query, ref) -> {
          rows.add(Math.min(query.size(0), ref.size(0)));
          return SimilarityFunction.COSINE.matrix(query, ref);
        });
    MultipleNegativesRankingLoss loss =
        new MultipleNegativesRankingLoss(3)
            .with(EnumSet.allOf(Direction.class), PartitionMode.JOINT);
    Tensor whole = loss.forward(anchor, positive, negative);
    whole.mul(3).backward();
    double[] wanted = gradient(anchor);
    Tensor inBlocks =
        new CachedMultipleNegativesRankingLoss(loss.withSimilarityFct(counting))
            .withMiniBatchSize(4)
            .forward(anchor, positive, negative);
    inBlocks.mul(3).backward();
    assertThat(inBlocks.item()).isCloseTo(whole.item(), within(1e-12));
    assertThat(gradient(anchor)).containsExactly(wanted, within(1e-12));
    // Six blocks of four, the last of three, and four directions.
    assertThat(rows).hasSize(24).allMatch(count -> count <= 4);
  }

  @Test
  void blocksRecordNothingWhereNothingIsAsked() {
    CachedMultipleNegativesRankingLoss loss =
        new CachedMultipleNegativesRankingLoss().withMiniBatchSize(5);
    Tensor recorded = loss.forward(anchor, positive);
    assertThat(recorded.requiresGrad()).isTrue();
    try (Autograd.Mode _ = Autograd.noGrad()) {
      Tensor plain = loss.forward(anchor, positive);
      assertThat(plain.requiresGrad()).isFalse();
      assertThat(plain.item()).isEqualTo(recorded.item());
    }
    Tensor fixed = loss.forward(anchor, positive.detach());
    fixed.backward();
    assertThat(anchor.grad()).isNotNull();
    assertThat(positive.grad()).isNull();
  }

  @Test
  void takesDistancesOfTheCallers() {
    Tensor own =
        new BatchHardTripletLoss(0.7)
            .withDistanceMetric(e -> e.cdist(e, 1))
            .forward(anchor, labels);
    Tensor manhattan =
        new BatchHardTripletLoss(0.7)
            .withDistanceMetric(e -> SimilarityFunction.MANHATTAN.matrix(e, e).neg())
            .forward(anchor, Relation.of(labels));
    assertThat(own.item()).isEqualTo(manhattan.item());
    assertThat(
            new TripletLoss(1)
                .withDistanceMetric((x, y) -> x.sub(y).abs().sum(1))
                .forward(anchor, positive, negative)
                .item())
        .isEqualTo(
            new TripletLoss(1, TripletDistanceMetric.MANHATTAN)
                .forward(anchor, positive, negative)
                .item());
    assertThat(
            new MultipleNegativesRankingLoss(7)
                .withSimilarityFct(new CosineSimilarity())
                .forward(anchor, positive)
                .item())
        .isCloseTo(
            new MultipleNegativesRankingLoss(7).forward(anchor, positive).item(), within(1e-13));
  }

  @Test
  void similaritiesServeLossesOfOtherReferences() {
    Tensor cosine =
        new TripletMarginLoss(0.3).with(SimilarityFunction.COSINE).forward(anchor, labels);
    assertThat(cosine.item())
        .isCloseTo(
            new TripletMarginLoss(0.3).with(new CosineSimilarity()).forward(anchor, labels).item(),
            within(1e-12));
    for (SimilarityFunction each : SimilarityFunction.values()) {
      assertThat(each.pairwise(anchor, positive).toDoubleArray())
          .containsExactly(each.matrix(anchor, positive).diagonal().toDoubleArray(), within(1e-12));
    }
  }

  @Test
  void labelsAndTheMaskOfLabelsAgree() {
    Relation mask = Relation.ofMask(labels.unsqueeze(1).eq(labels.unsqueeze(0)));
    for (Loss loss :
        List.of(
            new BatchHardTripletLoss(0.8),
            new BatchHardSoftMarginTripletLoss(),
            new BatchAllTripletLoss(0.8),
            new BatchSemiHardTripletLoss(0.8))) {
      Tensor byLabels = loss.forward(anchor, labels);
      byLabels.backward();
      double[] wanted = gradient(anchor);
      Tensor byMask = loss.forward(anchor, mask);
      byMask.backward();
      assertThat(byMask.item()).as("%s", loss).isCloseTo(byLabels.item(), within(1e-10));
      assertThat(gradient(anchor)).as("%s", loss).containsExactly(wanted, within(1e-10));
    }
  }

  @Test
  void halfPrecisionIsFinite() {
    for (DType half : List.of(DType.FLOAT16, DType.BFLOAT16)) {
      Tensor a = anchor.detach().to(half).requiresGrad(true);
      Tensor p = positive.detach().to(half);
      Tensor targets = labels.to(DType.FLOAT32);
      for (Tensor loss :
          List.of(
              new BatchSemiHardTripletLoss().forward(a, labels),
              new BatchAllTripletLoss()
                  .withDistanceMetric(BatchHardTripletLossDistanceFunction.COSINE_DISTANCE)
                  .forward(a, labels),
              new MultipleNegativesRankingLoss().forward(a, p),
              new CachedMultipleNegativesRankingLoss().withMiniBatchSize(4).forward(a, p),
              new CoSENTLoss().forward(a, p, targets),
              new AnglELoss().forward(a, p, targets),
              new MegaBatchMarginLoss().forward(a, p))) {
        assertThat(loss.item()).isFinite();
        loss.backward();
        assertThat(gradient(a)).doesNotContain(Double.NaN);
      }
    }
  }

  @Test
  void matryoshkaTakesLossesOverABatch() {
    Loss inner = new BatchHardTripletLoss(0.4);
    Tensor sum =
        new MatryoshkaLoss(List.of(2L, 6L), List.of(0.5, 2.0)).of(inner).forward(anchor, labels);
    Tensor narrow = Functional.normalize(anchor.narrow(1, 0, 2));
    Tensor wide = Functional.normalize(anchor);
    assertThat(sum.item())
        .isCloseTo(
            0.5 * inner.forward(narrow, labels).item() + 2 * inner.forward(wide, labels).item(),
            within(1e-12));
    Tensor beside =
        new MatryoshkaLoss(List.of(6L))
            .of(new TripletMarginLoss(0.4).with(new LpDistance()))
            .forward(anchor, labels, null, positive, labels);
    assertThat(beside.item())
        .isCloseTo(
            new TripletMarginLoss(0.4).forward(anchor, labels, null, positive, labels).item(),
            within(1e-12));
  }

  @Test
  void matryoshkaDrawsEachWidthAsOften() {
    MatryoshkaLoss loss = new MatryoshkaLoss(List.of(1L, 2L, 3L, 4L)).withDimsPerStep(2, generator);
    int[] drawn = new int[5];
    for (int call = 0; call < 2000; call++) {
      try (TensorScope _ = TensorScope.open()) {
        loss.forward(
            x -> {
              drawn[(int) x.getFirst().size(1)]++;
              return x.getFirst().sum();
            },
            anchor.detach());
      }
    }
    // Each width comes with chance 1/2: 1000 of 2000 times, with a deviation of 22.
    for (int width = 1; width <= 4; width++) {
      assertThat(drawn[width]).isBetween(880, 1120);
    }
  }

  @Test
  void saysWhatIsWrong() {
    Tensor short3 = anchor.narrow(0, 0, 3);
    assertThatThrownBy(() -> new MultipleNegativesRankingLoss().forward(anchor, short3))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "positive must be of the shape and dtype of anchor, but is float64 of shape [3, 6] against float64 of shape [23, 6]");
    assertThatThrownBy(() -> new ContrastiveLoss().forward(anchor, positive, Torch.zeros(4)))
        .hasMessage("targets must have one entry for each row, but have the shape [4] for 23 rows");
    assertThatThrownBy(() -> new MultipleNegativesRankingLoss(0))
        .hasMessage("scale must be greater than 0, but is 0.0");
    assertThatThrownBy(() -> new MultipleNegativesRankingLoss().withSimilarityFct(new LpDistance()))
        .hasMessage("similarity_fct must be a similarity, where greater means closer");
    assertThatThrownBy(() ->
            new MultipleNegativesRankingLoss()
                .with(EnumSet.of(Direction.DOC_TO_DOC), PartitionMode.JOINT))
        .hasMessageContaining("query_to_doc");
    assertThatThrownBy(() ->
            new MultipleNegativesRankingLoss()
                .with(EnumSet.allOf(Direction.class), PartitionMode.PER_DIRECTION))
        .hasMessageContaining("per_direction cannot go with");
    assertThatThrownBy(() -> new BatchHardTripletLoss(Double.NaN))
        .hasMessage("margin must be a number, but is NaN");
    Triplets none =
        new Triplets(
            Torch.zeros(DType.INT64, 0), Torch.zeros(DType.INT64, 0), Torch.zeros(DType.INT64, 0));
    assertThatThrownBy(() -> new BatchHardTripletLoss().forward(anchor, labels, none))
        .hasMessageContaining("takes no tuples");
    assertThatThrownBy(() -> new AnglELoss().forward(anchor, positive, null))
        .hasMessage("targets are needed where there are no negatives");
    assertThatThrownBy(() -> new MatryoshkaLoss(List.of(7L)).forward(List::getFirst, anchor))
        .hasMessageContaining("is 7 for 6");
    assertThatThrownBy(() -> new CachedMultipleNegativesRankingLoss().withMiniBatchSize(0))
        .hasMessage("mini_batch_size must be 1 or more, but is 0");
  }

  @Test
  void aNestedLossOfRowsSaysWhatItNeeds() {
    var part = Catalog.standard().loss("st.MatryoshkaLoss");
    var form =
        (LossForm.OnRows)
            part.make(List.of("loss=st.TripletLoss", "matryoshka_dims=4"), Composition.OWN);
    assertThatThrownBy(() -> form.loss().compute(anchor, positive, null, null))
        .isInstanceOf(PartException.class)
        .hasMessage("st.TripletLoss needs negatives");
    assertThatThrownBy(() -> form.loss().compute(anchor, positive, negative, Torch.zeros(ROWS)))
        .hasMessage("st.TripletLoss takes no targets");
    assertThatThrownBy(() ->
            part.make(
                List.of("loss=online.batch_all(margin=1)", "matryoshka_dims=4"), Composition.OWN))
        .hasMessage("st.MatryoshkaLoss: online.batch_all is no loss of explicit rows");
    assertThatThrownBy(() ->
            part.make(
                List.of("loss=st.TripletLoss(distance=cosin)", "matryoshka_dims=4"),
                Composition.OWN))
        .hasMessageContaining("did you mean cosine?");
  }
}
