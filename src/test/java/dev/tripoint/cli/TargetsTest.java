package dev.tripoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.catalog.Accepts;
import dev.tripoint.catalog.Accepts.Need;
import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.LossForm;
import dev.tripoint.catalog.Part;
import dev.tripoint.loss.LossResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A loss of pairs with targets and perhaps negatives, which another entry in the catalogue is
 * enough for.
 */
class TargetsTest {
  @TempDir Path folder;

  private static Part<LossForm> toy() {
    return Part.loss("toy.Loss", Accepts.rows(Need.OPTIONAL, Need.YES))
        .reference("none")
        .summary("A toy.")
        .formula("sum of t (a - p), and of n")
        .makes(a ->
            new LossForm.OnRows((anchor, positive, negative, targets) -> {
              var sum = anchor.sub(positive).sum(1).mul(Objects.requireNonNull(targets)).sum();
              return new LossResult(
                  negative == null ? sum : sum.add(negative.sum()), Map.of("rows", 2.0));
            }));
  }

  @Test
  void targetsAndNegativesReachTheLoss() throws IOException {
    LossCommand command = new LossCommand(new Catalog(List.of(toy())));
    command.name = "toy.Loss";
    command.inputs.anchor =
        NpyFile.write(folder.resolve("a.npy"), "<f8", new int[] {2, 2}, 1, 2, 3, 4);
    command.inputs.positive =
        NpyFile.write(folder.resolve("p.npy"), "<f8", new int[] {2, 2}, 0, 0, 1, 1);
    command.inputs.targets = NpyFile.write(folder.resolve("t.npy"), "<i8", new int[] {2}, 1, 0);
    command.gradOut = folder.resolve("g").toString();
    command.json = true;
    assertThat(run(command)).isEqualTo("{\"loss\":3.0,\"stats\":{\"rows\":2.0}}\n");
    assertThat(NpyFile.read(folder.resolve("g.anchor.npy")).values()).containsExactly(1, 1, 0, 0);
    assertThat(folder.resolve("g.negative.npy")).doesNotExist();
    command.inputs.negative =
        NpyFile.write(folder.resolve("n.npy"), "<f4", new int[] {2, 2}, 1, 1, 1, 1);
    assertThat(run(command)).startsWith("{\"loss\":7.0,");
    NpyFile.Content gradient = NpyFile.read(folder.resolve("g.negative.npy"));
    assertThat(gradient.descr()).isEqualTo("<f4");
    assertThat(gradient.values()).containsExactly(1, 1, 1, 1);
  }

  private static String run(LossCommand command) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Console console = new Console(out, new PrintStream(OutputStream.nullOutputStream()));
    assertThat(command.run(console)).isZero();
    console.flush();
    return out.toString(StandardCharsets.UTF_8);
  }
}
