package dev.tripoint.verify;

import dev.tripoint.data.Npy;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The packages of an installed Python, asked through a process of it.
 *
 * @param python the program, as {@code python3}
 */
public record PythonReference(String python) {

  private static final int LACKS_PACKAGES = 3;
  private static final int REFERENCE_FAILED = 4;

  /**
   * Answers.
   *
   * @throws VerifyException if it cannot, with the reason in one sentence
   * @throws IOException if files on the way to it cannot be written or read
   */
  public Answer answer(Question question) throws IOException {
    Path folder = Files.createTempDirectory("tripoint-verify-");
    try {
      Path script = folder.resolve("reference.py");
      try (InputStream in = PythonReference.class.getResourceAsStream("reference.py")) {
        if (in == null) {
          throw new IOException("this build of Tripoint lacks the resource reference.py");
        }
        Files.copy(in, script);
      }
      Path asked = folder.resolve("question.json");
      Files.writeString(asked, question.write(folder));
      Path answered = Files.createDirectory(folder.resolve("answer"));
      run(
          question.part(),
          List.of(python, script.toString(), asked.toString(), answered.toString()));
      return new Answer(
          Files.readString(answered.resolve("versions.txt")),
          numbers(answered.resolve("given")),
          numbers(answered.resolve("float64")));
    } finally {
      delete(folder);
    }
  }

  private void run(String part, List<String> command) throws IOException {
    Process process;
    try {
      process = new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      throw new VerifyException(
          "'" + python + "' could not be started: name a Python with --python");
    }
    String errors;
    int status;
    try (InputStream err = process.getErrorStream()) {
      errors = new String(err.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).strip();
      status = process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new VerifyException("asking the reference was interrupted");
    }
    String last = errors.substring(errors.lastIndexOf('\n') + 1);
    switch (status) {
      case 0 -> {
        // Answered.
      }
      case LACKS_PACKAGES -> throw new VerifyException(last);
      case REFERENCE_FAILED ->
          throw new VerifyException("the reference of " + part + " fails on this: " + last);
      default ->
          throw new VerifyException(
              "%s ended with status %d while it was asked for %s: %s"
                  .formatted(python, status, part, last.isEmpty() ? "no reason given" : last));
    }
  }

  private static Map<String, double[]> numbers(Path folder) throws IOException {
    Map<String, double[]> numbers = new LinkedHashMap<>();
    try (Stream<Path> files = Files.list(folder);
        TensorScope scope = TensorScope.open()) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        Tensor array = Npy.read(file);
        numbers.put(
            name.substring(0, name.length() - ".npy".length()),
            array.to(dev.tripoint.tensor.DType.FLOAT64).toDoubleArray());
      }
    }
    return numbers;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
