package dev.tripoint.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tripoint.data.Npy;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BenchmarkDataTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"normal-800-6", "clustered-800-6"})
  void classesHaveEightRowsAndAPositiveIsAnotherOfThem(String set) {
    write(set);
    try (TensorScope _ = TensorScope.open()) {
      double[][] rows = rows(set, "embeddings");
      double[][] positives = rows(set, "positives");
      long[] labels = read(set, "labels").toLongArray();
      assertThat(
              Arrays.stream(labels)
                  .boxed()
                  .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()))
                  .values())
          .hasSize(100)
          .containsOnly(8L);
      assertThat(labels).isNotEqualTo(Arrays.stream(labels).sorted().toArray());
      for (int i = 0; i < rows.length; i++) {
        int other = find(rows, positives[i]);
        assertThat(other).isNotEqualTo(i);
        assertThat(labels[other]).isEqualTo(labels[i]);
      }
    }
  }

  @Test
  void aSetHasTheSameNumbersEachTime() {
    write("clustered-50-4");
    double[] first = values("clustered-50-4", "queries");
    write("clustered-50-4");
    assertThat(values("clustered-50-4", "queries")).isEqualTo(first);
  }

  @Test
  void unknownDataAreNamed() {
    assertThatThrownBy(() -> write("odd-1-1")).hasMessage("there is no data odd");
  }

  private void write(String set) {
    BenchmarkData.main(new String[] {folder.toString(), "no model", set});
  }

  private double[] values(String set, String what) {
    try (TensorScope _ = TensorScope.open()) {
      return read(set, what).toDoubleArray();
    }
  }

  private double[][] rows(String set, String what) {
    Tensor read = read(set, what);
    double[] values = read.toDoubleArray();
    int width = (int) read.size(1);
    double[][] rows = new double[values.length / width][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
    }
    return rows;
  }

  private Tensor read(String set, String what) {
    return Npy.read(folder.resolve(set + "-" + what + ".npy")).copy();
  }

  private static int find(double[][] rows, double[] row) {
    for (int i = 0; i < rows.length; i++) {
      if (Arrays.equals(rows[i], row)) {
        return i;
      }
    }
    throw new AssertionError("no such row");
  }
}
