package dev.tripoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the Java example of README.md as a reader would. */
class ReadmeExampleTest {

  @Test
  void theExampleRunsAndItsLossFalls(@TempDir Path folder) throws Exception {
    Path source = Files.writeString(folder.resolve("Example.java"), exampleOfReadme());
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-Dtripoint.libtorch=" + System.getProperty("tripoint.libtorch", ""),
                "-cp",
                System.getProperty("java.class.path"),
                source.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ended in time").isTrue();

    String printed = Files.readString(output);
    assertThat(process.exitValue()).as(printed).isZero();
    List<Double> losses =
        Pattern.compile("loss ([0-9.]+)")
            .matcher(printed)
            .results()
            .map(match -> Double.valueOf(match.group(1)))
            .toList();
    assertThat(losses).as(printed).hasSize(5);
    assertThat(losses.getLast()).isLessThan(losses.getFirst() / 2);
  }

  private static String exampleOfReadme() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    Matcher block = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(readme);
    assertThat(block.find()).as("README.md has a Java example").isTrue();
    return block.group(1);
  }
}
