package dev.tripoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What -Dtripoint.leaks=true reports. */
class LeakReportTest {
  /** Leaves one tensor open and closes others. */
  public static final class Leaking {
    private Leaking() {}

    /** Runs in a process of its own. */
    public static void main(String[] arguments) throws InterruptedException {
      forgetOne();
      for (int i = 0; i < 20; i++) {
        System.gc();
        Thread.sleep(20);
      }
    }

    private static void forgetOne() {
      Torch.ones(1).close();
      try (TensorScope scope = TensorScope.open()) {
        scope.keep(Torch.ones(2));
        Torch.ones(3);
      }
    }
  }

  private static String run(String option) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                option,
                "-Dtripoint.libtorch=" + LibTorch.info().directory(),
                "-cp",
                System.getProperty("java.class.path"),
                Leaking.class.getName())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(text).isZero();
    return text;
  }

  @Test
  void namesThePlaceOfATensorThatWasNeverClosed() throws Exception {
    String text = run("-Dtripoint.leaks=true");
    assertThat(text).contains("A tensor was never closed", "forgetOne");
    assertThat(text.split("never closed", -1)).hasSize(2);
  }

  @Test
  void saysNothingUnlessItIsAsked() throws Exception {
    assertThat(run("-Dtripoint.leaks=false")).isEmpty();
  }
}
