package dev.tripoint.bench;

import dev.tripoint.tensor.LibTorch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * {@code native/bench/forward_backward.cpp}, compiled against the LibTorch in use and loaded into
 * this process. {@code CXX} names another compiler than {@code c++}. Works from the project's
 * folder.
 */
final class CppLibrary {
  private static final Path SOURCE = Path.of("native/bench/forward_backward.cpp");
  private static final Path FOLDER = Path.of("target/benchmark");

  private static final SymbolLookup SYMBOLS =
      SymbolLookup.libraryLookup(compiled().toAbsolutePath(), Arena.global());

  private CppLibrary() {}

  static MethodHandle function(String name, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(SYMBOLS.findOrThrow(name), descriptor);
  }

  private static Path compiled() {
    Path libtorch = LibTorch.info().directory();
    Path library = FOLDER.resolve("forward_backward-" + libtorch.getFileName() + ".so");
    try {
      if (!Files.exists(library)
          || Files.getLastModifiedTime(library).compareTo(Files.getLastModifiedTime(SOURCE)) < 0) {
        Files.createDirectories(FOLDER);
        compile(libtorch, library);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return library;
  }

  private static void compile(Path libtorch, Path library)
      throws IOException, InterruptedException {
    String include = "-isystem" + libtorch.resolve("include");
    List<String> command =
        List.of(
            Objects.requireNonNullElse(System.getenv("CXX"), "c++"),
            "-std=c++20",
            "-O2",
            "-DNDEBUG",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-fPIC",
            "-shared",
            include,
            include + "/torch/csrc/api/include",
            SOURCE.toString(),
            "-o",
            library.toString(),
            "-L" + libtorch.resolve("lib"),
            "-ltorch_cpu",
            "-lc10");
    Path log = FOLDER.resolve("forward_backward.log");
    int status =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start()
            .waitFor();
    if (status != 0) {
      Files.deleteIfExists(library);
      throw new IllegalStateException(SOURCE + " did not compile; the output is in " + log);
    }
  }
}
