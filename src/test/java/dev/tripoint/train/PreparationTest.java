package dev.tripoint.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PreparationTest {
  @Test
  void standardisingGivesMeanZeroAndDeviationOneAndDropsConstants() {
    float[][] rows = {{1, 5, 100}, {2, 5, 300}, {3, 5, 500}};
    FeatureScale scale = FeatureScale.standardising(rows);
    float[] out = new float[9];
    for (int i = 0; i < 3; i++) {
      scale.apply(rows[i], out, 3 * i);
    }
    float edge = (float) Math.sqrt(1.5);
    assertThat(out)
        .containsExactly(new float[] {-edge, 0, -edge, 0, 0, 0, edge, 0, edge}, within(1e-6f));
  }

  @Test
  void picturesAreMovedByAtMostOnePixelAndFilledWithZeros() {
    float[] picture = new float[16];
    picture[5] = 3;
    Augmentation augmentation = new Augmentation(4, 0.5, 0);
    Random random = new Random(4);
    Set<Integer> places = new HashSet<>();
    int untouched = 0;
    for (int i = 0; i < 1000; i++) {
      float[] moved = augmentation.shifted(picture, random);
      untouched += moved == picture ? 1 : 0;
      for (int at = 0; at < 16; at++) {
        if (moved[at] == 3) {
          places.add(at);
        }
      }
    }
    assertThat(places).containsExactlyInAnyOrder(0, 1, 2, 4, 5, 6, 8, 9, 10);
    assertThat(untouched).isBetween(430, 570);
    float[] corner = new float[16];
    corner[0] = 1;
    float[] kept = new Augmentation(0, 1, 0).shifted(corner, random);
    assertThat(kept).isSameAs(corner);
  }

  @Test
  void noiseHasItsDeviation() {
    float[] values = new float[20_000];
    new Augmentation(0, 0, 0.25).addNoise(values, new Random(8));
    double squares = 0;
    for (float value : values) {
      squares += value * value;
    }
    assertThat(Math.sqrt(squares / values.length)).isCloseTo(0.25, within(0.01));
  }
}
