package dev.tripoint.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.catalog.Catalog;
import dev.tripoint.catalog.Part;
import dev.tripoint.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** No part without cases and documentation. */
class PagesTest {

  private static final int FEWEST_CASES = 6;

  static List<Part<?>> parts() {
    return Catalog.standard().parts();
  }

  private static long cases(Part<?> part) {
    return ParityCase.of(part.name()).map(ParityCase::name).distinct().count();
  }

  @ParameterizedTest
  @MethodSource("parts")
  void everyPartHasCases(Part<?> part) {
    assertThat(cases(part)).isGreaterThanOrEqualTo(FEWEST_CASES);
  }

  @ParameterizedTest
  @MethodSource("parts")
  void everyPartIsInTheTable(Part<?> part) throws IOException {
    assertThat(Files.readString(Path.of("docs/parity.md")))
        .as("scripts/parity/make-page writes docs/parity.md")
        .contains("| `%s` | %s | %d |".formatted(part.name(), part.reference(), cases(part)));
  }

  @Test
  void thePageOfPartsIsTheCatalogues() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int status =
        Main.run(
            new String[] {"list", "--markdown"},
            out,
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8));
    assertThat(status).isZero();
    assertThat(Files.readString(Path.of("docs/parts.md")))
        .as("./tripoint list --markdown > docs/parts.md writes it")
        .isEqualTo(out.toString(StandardCharsets.UTF_8));
  }
}
