package dev.tripoint.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** {@code tripoint fetch-libtorch}: runs the script that fetches the pinned LibTorch. */
@picocli.CommandLine.Command(
    description = {
      "Fetch the pinned LibTorch (about 540 MB, once) into your cache:",
      "$XDG_CACHE_HOME/tripoint, or ~/.cache/tripoint. Does nothing where it is there. Needs Python",
      "3.8 or newer with pip."
    },
    sortOptions = false,
    footer = {"", "Example:", "  tripoint fetch-libtorch"})
final class FetchLibtorchCommand extends Command {
  @Option(
      names = "--version",
      paramLabel = "V",
      description = "Which LibTorch. Default: the one that this version of Tripoint is built with.")
  @org.jspecify.annotations.Nullable
  String version;

  @Option(names = "--print-dir", description = "Print the folder alone.")
  boolean printDir;

  @Option(names = "--quiet", description = "No progress, only errors.")
  boolean quiet;

  @Override
  int run(Console console) throws IOException {
    Path folder = Files.createTempDirectory("tripoint-fetch-");
    try {
      Path script = unpack("/dev/tripoint/cli/fetch-libtorch", folder);
      unpack("/dev/tripoint/tensor/libtorch-pins.txt", folder);
      return run(script);
    } finally {
      delete(folder);
    }
  }

  private int run(Path script) throws IOException {
    List<String> command = new ArrayList<>(List.of("python3", script.toString()));
    if (version != null) {
      command.add("--version");
      command.add(version);
    }
    if (printDir) {
      command.add("--print-dir");
    }
    if (quiet) {
      command.add("--quiet");
    }
    Process process;
    try {
      process = new ProcessBuilder(command).inheritIO().start();
    } catch (IOException e) {
      throw new FailureException(
          "python3 could not be started, which fetches LibTorch; on Debian: apt-get install python3-pip");
    }
    try {
      return process.waitFor() == 0 ? 0 : 1;
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new FailureException("fetching LibTorch was interrupted");
    }
  }

  private static Path unpack(String resource, Path folder) throws IOException {
    Path file = folder.resolve(resource.substring(resource.lastIndexOf('/') + 1));
    try (InputStream in = FetchLibtorchCommand.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new FailureException("this build of Tripoint lacks the resource " + resource);
      }
      Files.copy(in, file);
    }
    return file;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
