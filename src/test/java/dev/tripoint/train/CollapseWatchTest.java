package dev.tripoint.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.eval.EpochTrace;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CollapseWatchTest {
  @Test
  void speaksAfterThreeNarrowEpochsInARow() {
    CollapseWatch watch = new CollapseWatch(0.2);
    assertThat(watch.look(epoch(0.5, 0.4, 0.01))).isNull();
    assertThat(watch.look(epoch(0.5, 0.4, 0.01))).isNull();
    assertThat(watch.look(epoch(0.5, 0.4, 0.5))).isNull();
    assertThat(watch.look(epoch(0.5, 0.4, 0.01))).isNull();
    assertThat(watch.look(epoch(0.5, 0.4, 0.01))).isNull();
    assertThat(watch.look(epoch(0.5, 0.4, 0.01))).contains("collapsed").contains("spread 0.0100");
    assertThat(watch.look(epoch(0.5, 0.4, 0.01))).isNull();
  }

  @Test
  void saysWhenTheCollapseIsOverAndWhenItComesBack() {
    CollapseWatch watch = new CollapseWatch(0.2);
    StringBuilder said = new StringBuilder();
    for (double spread :
        new double[] {0.01, 0.01, 0.01, 0.01, 0.5, 0.01, 0.5, 0.5, 0.5, 0.5, 0.01, 0.01, 0.01}) {
      String message = watch.look(epoch(0.5, 0.4, spread));
      said.append(message == null ? "-" : message.contains("is over") ? "o" : "c");
    }
    assertThat(said).hasToString("--c-----o---c");
  }

  @Test
  void aLossThatStandsAtItsMarginIsOne() {
    CollapseWatch watch = new CollapseWatch(0.2);
    watch.look(epoch(0.2001, 1.0, 0.2));
    watch.look(epoch(0.2, 1.0, 0.2));
    assertThat(watch.look(epoch(0.2, 1.0, 0.2))).contains("stands at its margin");
  }

  @Test
  void ordinaryTrainingIsNone() {
    CollapseWatch watch = new CollapseWatch(0.2);
    CollapseWatch withoutMargin = new CollapseWatch(null);
    for (int i = 0; i < 10; i++) {
      assertThat(watch.look(epoch(0.2, 0.4, 0.9))).isNull();
      assertThat(watch.look(epoch(0.25, 1.0, 0.9))).isNull();
      assertThat(withoutMargin.look(epoch(0.2, null, 0.9))).isNull();
    }
  }

  private static EpochTrace epoch(double loss, @Nullable Double active, double spread) {
    return new EpochTrace(7, loss, active, spread, 1e-3);
  }
}
