package dev.tripoint.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.bench.side.Cell;
import dev.tripoint.bench.side.Prepared;
import dev.tripoint.tensor.TensorScope;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CaseTest {
  private static final int ROWS = 100;
  private static final int WIDTH = 12;
  private static final Set<Case> WITH_RESULTS =
      EnumSet.complementOf(EnumSet.of(Case.MM_OUT, Case.TOP_K, Case.EVAL_MAP_AT_R));

  @TempDir static Path folder;

  @BeforeAll
  static void writeData() {
    String set = "normal-%d-%d".formatted(ROWS, WIDTH);
    BenchmarkData.main(new String[] {folder.toString(), "no model", set});
  }

  @ParameterizedTest
  @EnumSource
  void runsMoreThanOnceAndSoDoesWhatItIsHeldAgainst(Case each) {
    String name = each.name().toLowerCase(Locale.ROOT);
    assertThat(Case.of(name)).isEqualTo(each);
    try (TensorScope _ = TensorScope.open()) {
      Cell cell = new Cell(name, "normal", ROWS, WIDTH);
      Prepared prepared = each.prepare(new Inputs(folder, cell));
      long results = prepared.work().call();
      assertThat(results > 0).isEqualTo(WITH_RESULTS.contains(each));
      assertThat(prepared.work().call()).isEqualTo(results);
      assertThat(prepared.held().work().call()).isZero();
    }
  }

  @Test
  void anUnknownCaseIsNamed() {
    assertThatThrownBy(() -> Case.of("batch_soft")).hasMessage("there is no case batch_soft");
  }

  @Test
  void aRequestIsFourWords() {
    assertThat(Cell.parse("top_k normal 200 16")).isEqualTo(new Cell("top_k", "normal", 200, 16));
    assertThatThrownBy(() -> Cell.parse("top_k normal"))
        .hasMessage("\"top_k normal\" is not of the form CASE DATA N D");
  }
}
