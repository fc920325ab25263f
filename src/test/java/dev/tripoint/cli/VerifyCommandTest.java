package dev.tripoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * {@code verify} on what the reference answered when it was recorded; a script stands for the
 * Python that gave it.
 */
class VerifyCommandTest {
  private static final String LOSS = "pml.TripletMarginLoss";
  private static final String MINER = "pml.TripletMarginMiner";

  @TempDir Path folder;

  private static Path recorded(String name) {
    try {
      return Path.of(
          Objects.requireNonNull(VerifyCommandTest.class.getResource("/verify/" + name)).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** A program that is started as Python is: with the script, the question and a folder. */
  private String python(String body) throws IOException {
    Path program = folder.resolve("python");
    Files.writeString(program, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return program.toString();
  }

  private String answering(String part) throws IOException {
    return python("cp \"$2\" '%s' && cp -r '%s/.' \"$3\"".formatted(question(), recorded(part)));
  }

  private Path question() {
    return folder.resolve("asked.json");
  }

  private static Run verify(String part, String python, String... more) {
    String[] start = {
      "verify",
      part,
      "--embeddings",
      recorded("embeddings.npy").toString(),
      "--labels",
      recorded("labels.npy").toString(),
      "--python",
      python
    };
    return Run.of(Stream.of(start, more).flatMap(Stream::of).toArray(String[]::new));
  }

  @Test
  void equalLossesAndGradientsEndWithZero() throws IOException {
    Run run = verify(LOSS, answering(LOSS), "--param", "margin=0.4");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out())
        .startsWith(LOSS + " against pytorch-metric-learning 2.9.0, torch 2.13.0, Python")
        .contains("\nloss ", "\ngradient embeddings ")
        .endsWith("\nequal\n");
    JsonNode asked = new ObjectMapper().readTree(question().toFile());
    assertThat(asked.get("part").asText()).isEqualTo(LOSS);
    assertThat(asked.get("params").get("margin").asDouble()).isEqualTo(0.4);
    assertThat(asked.get("dtype").asText()).isEqualTo("float32");
    assertThat(asked.get("inputs").has("labels")).isTrue();
  }

  /** A sum of one loss is that loss, so its recorded answer fits. */
  @Test
  void partsInsideParametersAreToldAsTheOthersAre() throws IOException {
    Run run =
        verify(
            "pml.MultipleLosses",
            answering(LOSS),
            "--param",
            "losses=only:pml.TripletMarginLoss(margin=0.4,distance=pml.LpDistance(p=2),reducer=pml.AvgNonZeroReducer)");
    assertThat(run.status()).as(run.err()).isZero();
    JsonNode only =
        new ObjectMapper().readTree(question().toFile()).get("params").get("losses").get("only");
    assertThat(only.get("name").asText()).isEqualTo(LOSS);
    assertThat(only.get("params").get("margin").asDouble()).isEqualTo(0.4);
    assertThat(only.get("distance").get("name").asText()).isEqualTo("pml.LpDistance");
    assertThat(only.get("distance").get("params").get("p").asDouble()).isEqualTo(2);
    assertThat(only.get("reducer").get("name").asText()).isEqualTo("pml.AvgNonZeroReducer");
  }

  @Test
  void anotherParameterIsADifferenceAndEndsWithOne() throws IOException {
    Run run = verify(LOSS, answering(LOSS), "--param", "margin=0.5", "--json");
    assertThat(run.status()).isEqualTo(1);
    JsonNode answer = new ObjectMapper().readTree(run.out());
    assertThat(answer.get("verdict").asText()).isEqualTo("different");
    JsonNode loss = answer.get("compared").get(0);
    assertThat(loss.get("name").asText()).isEqualTo("loss");
    // Each active triplet costs 0.1 more; the mean is over the active ones alone.
    assertThat(loss.get("difference").asDouble()).isGreaterThan(1e-3);
    assertThat(loss.get("nearer").asText()).isEqualTo("reference");
  }

  @Test
  void tuplesAreComparedAsSets() throws IOException {
    String python = answering(MINER);
    assertThat(verify(MINER, python, "--param", "margin=0.3").status()).isZero();
    Run other = verify(MINER, python, "--param", "margin=0.35", "--json");
    assertThat(other.status()).isEqualTo(1);
    JsonNode tuples = new ObjectMapper().readTree(other.out()).get("compared").get(0);
    assertThat(tuples.get("name").asText()).isEqualTo("anchor, positive, negative");
    assertThat(tuples.get("difference").asDouble()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "echo 'python lacks torch: pip install torch' >&2; exit 3 | python lacks torch: pip install torch",
        "echo 'IndexError: out of range' >&2; exit 4 | the reference of pml.TripletMarginLoss fails on this: IndexError: out of range",
        "echo 'Killed' >&2; exit 137 | ended with status 137 while it was asked for pml.TripletMarginLoss: Killed",
      })
  void aReferenceThatCannotAnswerIsSaidToBeSo(String body, String says) throws IOException {
    Run run = verify(LOSS, python(body.strip()), "--json");
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains(says.strip()).doesNotContain("\tat ");
  }

  @Test
  void aPythonThatIsNotThere() {
    Run run = verify(LOSS, folder.resolve("none").toString());
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("could not be started: name a Python with --python");
  }

  @Test
  void aNameThatIsNoLossAndNoMiner() {
    Run run = verify("pml.LpDistance", "python3");
    assertThat(run.isRefusal()).as(run.err()).isTrue();
    assertThat(run.err()).contains("there is no loss or miner 'pml.LpDistance'");
  }
}
