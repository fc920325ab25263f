package dev.tripoint.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamesTest {
  private static final List<String> KNOWN =
      List.of(
          "pml.TripletMarginLoss",
          "torch.TripletMarginLoss",
          "torch.TripletMarginWithDistanceLoss",
          "pml.BatchHardMiner",
          "pml.LpDistance",
          "online.batch_hard",
          "online.batch_all",
          "masked.TripletLoss");

  @ParameterizedTest
  @CsvSource({
    "pml.TripletMarginLos, pml.TripletMarginLoss",
    "pml.tripletmarginloss, pml.TripletMarginLoss",
    "torch.TripletMarginLoss2, torch.TripletMarginLoss",
    "LpDistance, pml.LpDistance",
    "st.LpDistance, pml.LpDistance",
    "online.batchhard, online.batch_hard",
    "online.batch_al, online.batch_all",
    "onlien.batch_all, online.batch_all",
    "pml.BacthHardMiner, pml.BatchHardMiner",
    "masked.TripletLosss, masked.TripletLoss",
  })
  void findsTheNearestName(String typed, String meant) {
    assertThat(Names.nearest(typed, KNOWN)).first().isEqualTo(meant);
  }

  @ParameterizedTest
  @CsvSource({"zzz", "pml.", "''", "pml.SomethingElseEntirely", "x"})
  void saysNothingWhereNothingIsNear(String typed) {
    assertThat(Names.nearest(typed, KNOWN)).isEmpty();
    assertThat(Names.suggestion(typed, KNOWN, "; none")).isEqualTo("; none");
  }

  @Test
  void givesThreeAtMost() {
    List<String> known = List.of("aaaa1", "aaaa2", "aaaa3", "aaaa4");
    assertThat(Names.nearest("aaaa", known)).containsExactly("aaaa1", "aaaa2", "aaaa3");
  }

  @Test
  void givesNoOthersBesideTheNameItself() {
    List<String> known =
        List.of("pml.TripletMarginLoss", "pml.TupletMarginLoss", "torch.TripletMarginLoss");
    assertThat(Names.nearest("TripletMarginLoss", known))
        .containsExactly("pml.TripletMarginLoss", "torch.TripletMarginLoss");
    assertThat(Names.nearest("TripletMarginLos", known)).hasSize(3);
  }

  @Test
  void listsAlternatives() {
    assertThat(Names.alternatives(List.of())).isEmpty();
    assertThat(Names.alternatives(List.of("a"))).isEqualTo("a");
    assertThat(Names.alternatives(List.of("a", "b"))).isEqualTo("a or b");
    assertThat(Names.alternatives(List.of("a", "b", "c"))).isEqualTo("a, b or c");
  }

  @ParameterizedTest
  @CsvSource({"'',abc,3", "abc,abc,0", "abc,acb,1", "kitten,sitting,3", "ca,abc,3", "a,'',1"})
  void countsEdits(String a, String b, int edits) {
    assertThat(Names.edits(a, b)).isEqualTo(edits);
    assertThat(Names.edits(b, a)).isEqualTo(edits);
  }

  @Test
  void oneSlipIsAlwaysFound() {
    long seed = 20260701;
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      String name = KNOWN.get(random.nextInt(KNOWN.size()));
      StringBuilder typed = new StringBuilder(name);
      int at = random.nextInt(name.length());
      switch (random.nextInt(3)) {
        case 0 -> typed.deleteCharAt(at);
        case 1 -> typed.insert(at, 'q');
        default -> typed.setCharAt(at, 'q');
      }
      assertThat(Names.nearest(typed.toString(), KNOWN))
          .as("seed %d, '%s'", seed, typed)
          .contains(name);
    }
  }
}
