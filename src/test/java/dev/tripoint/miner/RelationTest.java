package dev.tripoint.miner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import dev.tripoint.tensor.Torch;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Who is a positive of whom, by masks and by sets of labels. */
class RelationTest {

  @Test
  void itemsThatShareALabelArePositives() {
    Random random = new Random(5);
    for (int round = 0; round < 50; round++) {
      int rows = 1 + random.nextInt(8);
      int columns = 1 + random.nextInt(8);
      boolean self = round % 2 == 0;
      boolean[][] sets = sets(random, rows);
      boolean[][] refs = self ? sets : sets(random, columns);
      try (TensorScope _ = TensorScope.open()) {
        Relation relation = Relation.ofLabelSets(tensor(sets), self ? null : tensor(refs));
        assertThat(relation.self()).isEqualTo(self);
        Relation.Matches by = relation.matches();
        for (int i = 0; i < sets.length; i++) {
          for (int j = 0; j < refs.length; j++) {
            boolean share = false;
            for (int c = 0; c < 5; c++) {
              share |= sets[i][c] && refs[j][c];
            }
            boolean counts = !self || i != j;
            assertThat(at(by.matches(), i, j)).isEqualTo(counts && share);
            assertThat(at(by.diffs(), i, j)).isEqualTo(counts && !share);
          }
        }
      }
    }
  }

  @Test
  void whatIsIgnoredIsNeither() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor positive = Tensor.of(new boolean[] {true, true, false, true, false, true}, 2, 3);
      Tensor ignored = Tensor.of(new boolean[] {false, true, false, true, true, false}, 2, 3);
      Relation relation = Relation.ofMask(positive, ignored).toReferences();
      assertThat(relation.matches().matches().toBooleanArray())
          .containsExactly(true, false, false, false, false, true);
      assertThat(relation.matches().diffs().toBooleanArray())
          .containsExactly(false, false, true, false, false, false);
      assertThat(positive.toBooleanArray()).containsExactly(true, true, false, true, false, true);
    }
  }

  @Test
  void aRowIsNothingToItselfExceptBesideReferences() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor all = Torch.ones(2, 2).gt(0);
      assertThat(Relation.ofMask(all).matches().matches().toBooleanArray())
          .containsExactly(false, true, true, false);
      assertThat(Relation.ofMask(all).toReferences().matches().matches().toBooleanArray())
          .containsExactly(true, true, true, true);
      Tensor embeddings = Torch.randn(2, 3);
      Miner miner = (_, _, relation) -> MinerUtils.getAllPairsIndices(relation);
      Pairs beside = (Pairs) miner.forward(embeddings, Relation.ofMask(all), Torch.randn(2, 3));
      assertThat(beside.positive().numel()).isEqualTo(4);
      Pairs alone = (Pairs) miner.forward(embeddings, Relation.ofMask(all));
      assertThat(alone.positive().numel()).isEqualTo(2);
    }
  }

  @Test
  void refusesWhatIsNoMask() {
    try (TensorScope _ = TensorScope.open()) {
      Tensor mask = Torch.ones(2, 3).gt(0);
      assertThatThrownBy(() -> Relation.ofMask(Torch.ones(2, 3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("float32 of shape [2, 3]");
      assertThatThrownBy(() -> Relation.ofMask(mask, Torch.ones(3, 2).gt(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[3, 2]");
      assertThatThrownBy(() -> Relation.ofLabelSets(Torch.ones(2, 3)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "labelSets must be bool with a row for each item and a column for each label, but is float32 of shape [2, 3]");
      assertThatThrownBy(() -> Relation.ofLabelSets(mask, Torch.ones(2, 2).gt(0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("refLabelSets must be bool");
      assertThatThrownBy(() -> Relation.ofMask(mask).requireLabels("ProxyLoss"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("ProxyLoss needs labels: a mask does not say which classes");
      Miner miner = (_, _, relation) -> MinerUtils.getAllPairsIndices(relation);
      assertThatThrownBy(() -> miner.forward(Torch.randn(2, 4), Relation.ofMask(mask)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("must be of shape [2, 2]");
    }
  }

  private static boolean[][] sets(Random random, int rows) {
    boolean[][] sets = new boolean[rows][5];
    for (boolean[] set : sets) {
      for (int c = 0; c < 5; c++) {
        set[c] = random.nextInt(4) == 0;
      }
    }
    return sets;
  }

  private static Tensor tensor(boolean[][] sets) {
    boolean[] flat = new boolean[sets.length * 5];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = sets[i / 5][i % 5];
    }
    return Tensor.of(flat, sets.length, 5);
  }

  private static boolean at(Tensor mask, int i, int j) {
    return mask.toBooleanArray()[i * (int) mask.size(1) + j];
  }
}
