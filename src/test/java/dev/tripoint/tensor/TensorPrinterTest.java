package dev.tripoint.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Prints against what PyTorch printed; the records are made by scripts/parity/make-prints. */
@Tag("versions")
class TensorPrinterTest {
  @TestFactory
  List<DynamicTest> printsAsPyTorchDoes() throws IOException {
    JsonNode records;
    try (InputStream in = TensorPrinterTest.class.getResourceAsStream("/prints.json")) {
      records = new ObjectMapper().readTree(in);
    }
    assertThat(records.size()).isGreaterThan(150);
    List<DynamicTest> tests = new ArrayList<>();
    for (JsonNode record : records) {
      String text = record.get("text").asText();
      String name = text.lines().findFirst().orElseThrow() + " " + record.get("shape");
      tests.add(DynamicTest.dynamicTest(name, () -> check(record, text)));
    }
    return tests;
  }

  private static void check(JsonNode record, String text) {
    DType dtype = DType.valueOf(record.get("dtype").asText().toUpperCase(Locale.ROOT));
    long[] shape = new long[record.get("shape").size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = record.get("shape").get(i).asLong();
    }
    byte[] data = Base64.getDecoder().decode(record.get("data").asText());
    try (Arena arena = Arena.ofConfined();
        TensorScope scope = TensorScope.open()) {
      MemorySegment memory = arena.allocate(data.length, 16);
      MemorySegment.copy(data, 0, memory, ValueLayout.JAVA_BYTE, 0, data.length);
      Tensor tensor = Tensor.of(memory, dtype, shape);
      if (record.get("grad").asBoolean()) {
        tensor.requiresGrad(true);
      }
      assertThat(tensor.toString()).isEqualTo(text);
      assertThat(scope.size()).as("nothing that printing made is left").isEqualTo(1);
    }
  }

  @Test
  void printsViewsOfAnyStrides() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      Tensor x = Torch.arange(6).view(2, 3);
      assertThat(x.t()).hasToString("tensor([[0, 3],\n        [1, 4],\n        [2, 5]])");
      assertThat(Torch.ones(1).expand(3)).hasToString("tensor([1., 1., 1.])");
    }
  }

  @Test
  void printsWhatHasNoMemory() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      assertThat(Torch.empty(DType.FLOAT32, Device.META, 2, 3))
          .hasToString("tensor(..., device='meta', size=(2, 3))");
      assertThat(Torch.empty(DType.INT64, Device.META, 2))
          .hasToString("tensor(..., device='meta', size=(2,), dtype=torch.int64)");
    }
  }

  @Test
  void aResultThatIsRecordedSaysRequiresGrad() {
    try (TensorScope scope = TensorScope.open()) {
      assertThat(scope).isNotNull();
      Tensor x = Torch.ones(2).requiresGrad(true);
      assertThat(x.mul(2)).hasToString("tensor([2., 2.], requires_grad=True)");
    }
  }

  @Test
  void needsNoScope() {
    Tensor x = Torch.ones(2);
    assertThat(x).hasToString("tensor([1., 1.])");
    assertThat(TensorScope.current()).isNull();
    x.close();
  }
}
