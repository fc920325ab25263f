package dev.tripoint.tensor;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the LibTorch to load: {@code -Dtripoint.libtorch=DIR}, then {@code LIBTORCH=DIR} (or
 * {@code LIBTORCH=python} for the one inside an installed Python torch), then the copy that the
 * project fetched.
 */
final class LibTorchFinder {
  static final String PROPERTY = "tripoint.libtorch";
  static final String VARIABLE = "LIBTORCH";

  /** The version to fetch where the list of pinned versions is not on the class path. */
  private static final String PINS = "libtorch-pins.txt";

  private LibTorchFinder() {}

  /**
   * A LibTorch that was chosen.
   *
   * @param directory the folder with lib/ in it
   * @param libraries the folder with libtorch_cpu.so in it
   * @param why what named it
   */
  record Choice(Path directory, Path libraries, String why) {}

  static Choice find() {
    return find(System.getProperties(), System.getenv());
  }

  static Choice find(Properties properties, Map<String, String> environment) {
    String property = properties.getProperty(PROPERTY);
    if (property != null && !property.isBlank()) {
      return at(Path.of(property), "-D" + PROPERTY + "=" + property);
    }
    String variable = environment.get(VARIABLE);
    if (variable != null && !variable.isBlank()) {
      if (variable.equals("python")) {
        return at(ofPython(), "LIBTORCH=python");
      }
      return at(Path.of(variable), "LIBTORCH=" + variable);
    }
    return fetched(environment);
  }

  private static Choice at(Path directory, String why) {
    Path absolute = directory.toAbsolutePath().normalize();
    if (!Files.isDirectory(absolute)) {
      throw new LibTorchException(
          "The LibTorch folder "
              + absolute
              + ", named by "
              + why
              + ", does not exist; name a folder with lib/libtorch_cpu.so in it.");
    }
    for (Path libraries : new Path[] {absolute.resolve("lib"), absolute}) {
      if (Files.isRegularFile(libraries.resolve("libtorch_cpu.so"))) {
        if (!Files.isRegularFile(libraries.resolve("libc10.so"))) {
          throw new LibTorchException(
              "The LibTorch in "
                  + libraries
                  + ", named by "
                  + why
                  + ", is incomplete: libc10.so is missing; unpack or install it again.");
        }
        return new Choice(absolute, libraries, why);
      }
    }
    throw new LibTorchException(
        "The folder "
            + absolute
            + ", named by "
            + why
            + ", holds no LibTorch: lib/libtorch_cpu.so is missing there.");
  }

  private static Choice fetched(Map<String, String> environment) {
    String version = pinnedVersion();
    Path directory = cache(environment).resolve("libtorch-" + version);
    Path complete = directory.resolve("tripoint-libtorch.properties");
    if (!Files.isRegularFile(complete)) {
      throw new LibTorchException(
          "There is no LibTorch yet: run ./tripoint fetch-libtorch, which puts version "
              + version
              + " in "
              + directory
              + ", or set LIBTORCH to the folder of one.");
    }
    return at(directory, "the copy that fetch-libtorch made");
  }

  /** Tripoint's folder in the user's cache. */
  static Path cache(Map<String, String> environment) {
    String base = environment.get("XDG_CACHE_HOME");
    Path folder =
        base != null && Path.of(base).isAbsolute()
            ? Path.of(base)
            : Path.of(System.getProperty("user.home"), ".cache");
    return folder.resolve("tripoint");
  }

  /** The version that the project fetches; its first line is {@code # default 2.13.0}. */
  static String pinnedVersion() {
    String prefix = "# default ";
    String line = null;
    try (InputStream pins = LibTorchFinder.class.getResourceAsStream(PINS)) {
      if (pins != null) {
        line = new BufferedReader(new InputStreamReader(pins, StandardCharsets.UTF_8)).readLine();
      }
    } catch (IOException e) {
      throw new LibTorchException("Tripoint's list of LibTorch versions cannot be read: " + e);
    }
    if (line == null || !line.startsWith(prefix)) {
      throw new LibTorchException(
          "Tripoint was built without its list of LibTorch versions; set LIBTORCH to a LibTorch.");
    }
    return line.substring(prefix.length()).strip();
  }

  private static Path ofPython() {
    String code =
        "import importlib.util,os;s=importlib.util.find_spec('torch');"
            + "print(os.path.dirname(s.origin) if s else '')";
    String folder = output("python3", "-c", code);
    if (folder == null) {
      throw new LibTorchException(
          "LIBTORCH=python needs python3 on the PATH, and running it failed.");
    }
    if (folder.isBlank()) {
      throw new LibTorchException(
          "LIBTORCH=python was asked for, but this python3 has no torch; pip install torch there.");
    }
    return Path.of(folder.strip());
  }

  private static @Nullable String output(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0 ? text : null;
    } catch (IOException e) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
