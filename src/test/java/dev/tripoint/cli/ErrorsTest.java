package dev.tripoint.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tripoint.catalog.PartException;
import dev.tripoint.data.DataException;
import dev.tripoint.tensor.LibTorchException;
import dev.tripoint.tensor.TensorException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ErrorsTest {
  private static String report(int status, Throwable error, String... args) {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int found = Errors.report(error, args, new PrintStream(err, true, StandardCharsets.UTF_8));
    assertThat(found).isEqualTo(status);
    return err.toString(StandardCharsets.UTF_8);
  }

  @Test
  void theUsersFaultsEndWith2() {
    assertThat(report(2, new UsageException("no such thing")))
        .isEqualTo("tripoint: no such thing\n");
    assertThat(report(2, new PartException("bad part"))).isEqualTo("tripoint: bad part\n");
    assertThat(report(2, new DataException("E.npy: truncated.")))
        .isEqualTo("tripoint: E.npy: truncated\n");
    assertThat(report(2, new IllegalArgumentException("margin must be positive")))
        .isEqualTo("tripoint: margin must be positive\n");
  }

  @Test
  void otherFailuresEndWith1() {
    assertThat(report(1, new FailureException("no python3"))).isEqualTo("tripoint: no python3\n");
    assertThat(report(1, new IOException("No space left on device")))
        .isEqualTo("tripoint: the answer could not be written: No space left on device\n");
    assertThat(report(1, new OutOfMemoryError("Java heap space"))).contains("heap is too small");
    assertThat(report(1, new TensorException("sizes differ")))
        .isEqualTo("tripoint: sizes differ\n");
    assertThat(report(1, new ExceptionInInitializerError(new LibTorchException("no LibTorch"))))
        .isEqualTo("tripoint: no LibTorch\n");
    assertThat(report(1, new IllegalStateException("odd")))
        .contains("a fault of this program: odd");
    assertThat(report(1, new NullPointerException())).contains("NullPointerException");
  }

  @Test
  void aTraceOnlyWithDebug() {
    assertThat(report(1, new IllegalStateException("odd")).lines()).hasSize(1);
    assertThat(report(1, new IllegalStateException("odd"), "loss", "--debug"))
        .contains("\tat dev.tripoint.cli.ErrorsTest");
  }

  @Test
  void messagesAreOneLineOfBearableLength() {
    assertThat(Errors.clip("a\n\tb\r\nc\u0007d")).isEqualTo("a b c d");
    assertThat(Errors.clip("x".repeat(1000))).hasSizeLessThanOrEqualTo(380).endsWith("…");
    assertThat(Errors.clip(null)).isNotBlank();
    String path = "/folder/" + "long/".repeat(100) + "E.npy";
    assertThat(Errors.clip(path + ": no such file", "loss", "--embeddings", path))
        .startsWith("/folder/")
        .contains("…")
        .endsWith("E.npy: no such file")
        .hasSizeLessThan(200);
    assertThat(Errors.clip(path + ": no such file", "--embeddings=" + path))
        .endsWith("E.npy: no such file");
  }
}
