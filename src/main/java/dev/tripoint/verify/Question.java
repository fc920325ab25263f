package dev.tripoint.verify;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tripoint.data.Npy;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a reference is asked: a part, how it is put together, and the arrays that it is given.
 *
 * @param part its name in the catalogue, as {@code pml.TripletMarginLoss}
 * @param dtype what to compute in, beside float64
 * @param settings kind, params, distance and the like, as nested maps, lists, texts, numbers
 * @param inputs arrays by the names that the reference knows them by
 */
public record Question(
    String part, DType dtype, Map<String, Object> settings, Map<String, Tensor> inputs) {

  private static final JsonFactory FACTORY = new JsonFactory();

  /** Writes the arrays to a folder, and gives the question as JSON that names them there. */
  String write(Path folder) throws IOException {
    Map<String, Object> files = new LinkedHashMap<>();
    inputs.forEach((name, tensor) -> {
      Path file = folder.resolve(name + ".npy");
      Npy.write(file, tensor.detach());
      files.put(name, file.toString());
    });
    Map<String, Object> all = new LinkedHashMap<>(settings);
    all.put("part", part);
    all.put("dtype", dtype.torchName());
    all.put("inputs", files);
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(text)) {
      write(generator, all);
    }
    return text.toString();
  }

  private static void write(JsonGenerator generator, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> generator.writeNull();
      case Map<?, ?> map -> {
        generator.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          generator.writeFieldName(entry.getKey().toString());
          write(generator, entry.getValue());
        }
        generator.writeEndObject();
      }
      case List<?> list -> {
        generator.writeStartArray();
        for (Object each : list) {
          write(generator, each);
        }
        generator.writeEndArray();
      }
      case Boolean truth -> generator.writeBoolean(truth);
      case Long number -> generator.writeNumber(number);
      case Double number when Double.isInfinite(number) ->
          generator.writeString(number > 0 ? "inf" : "-inf");
      case Double number -> generator.writeNumber(number);
      default -> generator.writeString(value.toString());
    }
  }
}
