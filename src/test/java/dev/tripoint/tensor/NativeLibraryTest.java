package dev.tripoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading: what is there, what is said when it is not, and from two class loaders. */
@Tag("versions")
class NativeLibraryTest {
  @TempDir private Path folder;

  @Test
  void infoTellsWhatWasLoaded() {
    LibTorch.Info info = LibTorch.info();
    assertThat(info.version()).matches("2\\.1[0-5]\\.\\d+");
    assertThat(info.nativeVersion()).matches("\\d+\\.\\d+\\.\\d+");
    assertThat(info.directory()).isDirectory();
    assertThat(info.library()).isRegularFile();
    assertThat(info.why()).isNotBlank();
    assertThat(info.cpuCapability()).isNotBlank();
    assertThat(info.threads()).isPositive();
    assertThat(info.devices()).startsWith(Device.CPU);
    assertThat(info.devices()).hasSize(1 + LibTorch.cudaCount());
    assertThat(LibTorch.config()).contains("PyTorch");
    LibTorch.synchronize(Device.CPU);
  }

  @Test
  void threadsAreSetForTheProcess() {
    int before = LibTorch.numThreads();
    try {
      LibTorch.setNumThreads(1);
      assertThat(LibTorch.numThreads()).isEqualTo(1);
    } finally {
      LibTorch.setNumThreads(before);
    }
    assertThatThrownBy(() -> LibTorch.setNumThreads(0)).isInstanceOf(TensorException.class);
  }

  @Test
  void worksFromASecondClassLoader() throws Exception {
    try (Tensor here = Torch.ones(2)) {
      for (int i = 0; i < 2; i++) {
        try (URLClassLoader loader =
            new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
          Class<?> torch = loader.loadClass("dev.tripoint.tensor.Torch");
          Class<?> tensor = loader.loadClass("dev.tripoint.tensor.Tensor");
          assertThat(tensor).isNotSameAs(Tensor.class);
          Object ones = torch.getMethod("ones", long[].class).invoke(null, (Object) new long[] {3});
          Object sum = tensor.getMethod("add", double.class).invoke(ones, 1.0);
          Method read = tensor.getMethod("toFloatArray");
          assertThat((float[]) read.invoke(sum)).containsExactly(2, 2, 2);
          Method close = tensor.getMethod("close");
          close.invoke(sum);
          close.invoke(ones);
          assertThatThrownBy(() -> read.invoke(ones))
              .isInstanceOf(InvocationTargetException.class)
              .cause()
              .hasToString(
                  "dev.tripoint.tensor.TensorClosedException:"
                      + " This tensor is closed and cannot be used any more");
        }
      }
      assertThat(here.add(1).toFloatArray()).containsExactly(2, 2);
    }
  }

  private static URL[] classPath() {
    return Stream.of(System.getProperty("java.class.path").split(":", -1))
        .map(entry -> {
          try {
            return Path.of(entry).toUri().toURL();
          } catch (IOException e) {
            throw new IllegalStateException(e);
          }
        })
        .toArray(URL[]::new);
  }

  @Test
  void unpacksOnceAlsoFromManyThreads() throws Exception {
    List<Future<Path>> unpacked = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < 16; i++) {
        Callable<Path> unpack = () -> NativeLibrary.unpack(folder);
        unpacked.add(pool.submit(unpack));
      }
    }
    Path first = unpacked.getFirst().get();
    for (Future<Path> each : unpacked) {
      assertThat(each.get()).isEqualTo(first);
    }
    assertThat(Files.size(first)).isPositive();
    assertThat(first.getFileName()).hasToString("libtripoint.so");
    try (Stream<Path> files = Files.list(first.getParent())) {
      assertThat(files).containsExactly(first);
    }
    Files.write(first, new byte[] {1}); // a damaged file is put right
    assertThat(Files.size(NativeLibrary.unpack(folder))).isGreaterThan(1);
  }

  /** Tries every way in, twice each, and prints what was thrown. */
  public static final class Broken {
    private Broken() {}

    /** Runs in a process of its own. */
    public static void main(String[] arguments) {
      List<Callable<?>> ways =
          List.of(
              LibTorch::info,
              () -> Torch.ones(1),
              () -> Tensor.of(new float[] {1}),
              () -> new Generator(1),
              () -> Op.of("aten::relu"),
              () -> Op.names("aten"),
              () -> Autograd.grad(List.of(), List.of()),
              () -> Tensor.of(java.lang.foreign.Arena.global().allocate(4, 4), DType.FLOAT32, 1));
      for (int round = 0; round < 2; round++) {
        for (Callable<?> way : ways) {
          try {
            way.call();
            System.out.println("nothing was thrown");
          } catch (Throwable e) {
            System.out.println(e);
          }
        }
      }
    }
  }

  private static List<String> broken(String... options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Broken.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    List<String> lines = text.lines().toList();
    assertThat(lines).as(text).hasSize(16);
    return lines;
  }

  @Test
  void aFailedLoadIsTheSameClearExceptionEachTime() throws Exception {
    assertThat(broken("-Dtripoint.libtorch=" + folder))
        .containsOnly(
            "dev.tripoint.tensor.LibTorchException: The folder "
                + folder.toRealPath()
                + ", named by -Dtripoint.libtorch="
                + folder
                + ", holds no LibTorch: lib/libtorch_cpu.so is missing there.");
  }

  @Test
  void aDamagedLibTorchIsNamed() throws Exception {
    Path lib = Files.createDirectories(folder.resolve("lib"));
    Files.writeString(lib.resolve("libtorch_cpu.so"), "not a library");
    Files.writeString(lib.resolve("libc10.so"), "not a library");
    assertThat(broken("-Dtripoint.libtorch=" + folder))
        .allSatisfy(line ->
            assertThat(line)
                .startsWith("dev.tripoint.tensor.LibTorchException: The library ")
                .contains("libtorch_cpu.so cannot be loaded", "not a shared library"));
  }

  @Test
  void aMissingOrForeignNativeLibraryIsNamed() throws Exception {
    String torch = "-Dtripoint.libtorch=" + LibTorch.info().directory();
    Path missing = folder.resolve("gone.so");
    assertThat(broken(torch, "-Dtripoint.library=" + missing))
        .containsOnly(
            "dev.tripoint.tensor.LibTorchException: The native library "
                + missing
                + ", named by -Dtripoint.library, does not exist.");
    Path foreign = LibTorch.info().directory().resolve("lib/libc10.so");
    assertThat(broken(torch, "-Dtripoint.library=" + foreign))
        .allSatisfy(
            line -> assertThat(line).contains("LibTorchException").contains(foreign.toString()));
  }
}
