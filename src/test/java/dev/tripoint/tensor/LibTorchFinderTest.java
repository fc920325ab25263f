package dev.tripoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which LibTorch is chosen, and what is said when there is none. */
class LibTorchFinderTest {
  @TempDir private Path folder;

  private Path libtorch(String name) throws IOException {
    Path lib = Files.createDirectories(folder.resolve(name).resolve("lib"));
    Files.createFile(lib.resolve("libtorch_cpu.so"));
    Files.createFile(lib.resolve("libc10.so"));
    return folder.resolve(name);
  }

  private static Properties property(Path value) {
    Properties properties = new Properties();
    properties.setProperty("tripoint.libtorch", value.toString());
    return properties;
  }

  private Map<String, String> environment(String libtorch) {
    return Map.of("LIBTORCH", libtorch, "XDG_CACHE_HOME", folder.toString());
  }

  @Test
  void thePropertyComesFirst() throws IOException {
    Path a = libtorch("a");
    Path b = libtorch("b");
    LibTorchFinder.Choice choice = LibTorchFinder.find(property(a), environment(b.toString()));
    assertThat(choice.directory()).isEqualTo(a);
    assertThat(choice.libraries()).isEqualTo(a.resolve("lib"));
    assertThat(choice.why()).isEqualTo("-Dtripoint.libtorch=" + a);
  }

  @Test
  void thenTheEnvironmentVariable() throws IOException {
    Path b = libtorch("b");
    LibTorchFinder.Choice choice = LibTorchFinder.find(new Properties(), environment(b.toString()));
    assertThat(choice.directory()).isEqualTo(b);
    assertThat(choice.why()).isEqualTo("LIBTORCH=" + b);
  }

  @Test
  void thenTheFetchedCopyIfItIsComplete() throws IOException {
    Map<String, String> environment = Map.of("XDG_CACHE_HOME", folder.toString());
    String version = LibTorchFinder.pinnedVersion();
    assertThat(version).matches("2\\.\\d+\\.\\d+");
    assertThatThrownBy(() -> LibTorchFinder.find(new Properties(), environment))
        .isInstanceOf(LibTorchException.class)
        .hasMessageContaining("./tripoint fetch-libtorch")
        .hasMessageContaining(version);
    Path fetched = libtorch("tripoint/libtorch-" + version);
    assertThatThrownBy(() -> LibTorchFinder.find(new Properties(), environment))
        .hasMessageContaining("./tripoint fetch-libtorch");
    Files.createFile(fetched.resolve("tripoint-libtorch.properties"));
    LibTorchFinder.Choice choice = LibTorchFinder.find(new Properties(), environment);
    assertThat(choice.directory()).isEqualTo(fetched);
    assertThat(choice.why()).contains("fetch-libtorch");
  }

  @Test
  void aFolderWithoutLibInItMayHoldTheLibrariesItself() throws IOException {
    Path lib = libtorch("a").resolve("lib");
    assertThat(LibTorchFinder.find(property(lib), Map.of()).libraries()).isEqualTo(lib);
  }

  @Test
  void whatIsMissingIsNamed() throws IOException {
    assertThatThrownBy(() -> LibTorchFinder.find(property(folder.resolve("none")), Map.of()))
        .isInstanceOf(LibTorchException.class)
        .hasMessageContaining(folder.resolve("none").toString())
        .hasMessageContaining("does not exist")
        .hasMessageContaining("-Dtripoint.libtorch");
    Path empty = Files.createDirectories(folder.resolve("empty"));
    assertThatThrownBy(() -> LibTorchFinder.find(new Properties(), environment(empty.toString())))
        .hasMessageContaining("lib/libtorch_cpu.so is missing")
        .hasMessageContaining("LIBTORCH=");
    Path half = libtorch("half");
    Files.delete(half.resolve("lib").resolve("libc10.so"));
    assertThatThrownBy(() -> LibTorchFinder.find(property(half), Map.of()))
        .hasMessageContaining("libc10.so is missing");
  }

  @Test
  void theCacheIsXdgsOrInTheHome() {
    assertThat(LibTorchFinder.cache(Map.of("XDG_CACHE_HOME", "/x")))
        .isEqualTo(Path.of("/x/tripoint"));
    Path home = Path.of(System.getProperty("user.home"), ".cache", "tripoint");
    assertThat(LibTorchFinder.cache(Map.of())).isEqualTo(home);
    assertThat(LibTorchFinder.cache(Map.of("XDG_CACHE_HOME", "relative"))).isEqualTo(home);
  }
}
