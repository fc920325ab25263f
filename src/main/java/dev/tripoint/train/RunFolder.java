package dev.tripoint.train;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import dev.tripoint.data.AtomicFile;
import dev.tripoint.data.AtomicFolder;
import dev.tripoint.data.Npy;
import dev.tripoint.data.Safetensors;
import dev.tripoint.eval.AccuracyCalculator.Measures;
import dev.tripoint.eval.EpochTrace;
import dev.tripoint.eval.RunRecord;
import dev.tripoint.tensor.Tensor;
import dev.tripoint.tensor.TensorScope;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The files of a run. None but the report holds a time, so that equal runs write equal bytes. */
final class RunFolder {
  private static final String METRICS = "metrics.json";
  private static final String MODEL = "model.safetensors";
  private static final String EMBEDDINGS = "embeddings.npy";
  private static final String LABELS = "labels.npy";
  private static final String TRACE = "trace.jsonl";
  private static final String REPORT = "report.html";
  private static final Set<String> FILES =
      Set.of(METRICS, MODEL, EMBEDDINGS, LABELS, TRACE, REPORT);

  private static final JsonFactory JSON = new JsonFactory();

  private RunFolder() {}

  static AtomicFolder open(Path out) {
    return AtomicFolder.open(out, FILES, METRICS);
  }

  static void write(Path folder, RunRecord run, Network network, FeatureScale scale) {
    try (TensorScope _ = TensorScope.open()) {
      Npy.write(folder.resolve(EMBEDDINGS), matrix(run.embeddings()));
      Npy.write(folder.resolve(LABELS), Tensor.of(run.labels(), run.labels().length));
      Map<String, Tensor> model = new LinkedHashMap<>(network.layers().parameters());
      model.put("input.offset", Tensor.of(scale.offset(), scale.offset().length));
      model.put("input.scale", Tensor.of(scale.scale(), scale.scale().length));
      Map<String, String> metadata = new LinkedHashMap<>();
      run.settings().forEach((name, value) -> metadata.put(name, value.toString()));
      Safetensors.write(folder.resolve(MODEL), model, metadata);
    }
    AtomicFile.write(folder.resolve(TRACE), trace(run));
    AtomicFile.write(folder.resolve(METRICS), metrics(run));
  }

  static void writeReport(Path folder, String html) {
    AtomicFile.write(folder.resolve(REPORT), html);
  }

  private static Tensor matrix(float[][] rows) {
    int width = rows[0].length;
    float[] values = new float[rows.length * width];
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(rows[i], 0, values, i * width, width);
    }
    return Tensor.of(values, rows.length, width);
  }

  private static String trace(RunRecord run) {
    StringBuilder lines = new StringBuilder();
    for (EpochTrace epoch : run.trace()) {
      lines.append(
          json(
              false,
              json -> {
                json.writeNumberField("epoch", epoch.epoch());
                number(json, "loss", epoch.loss());
                number(json, "active_fraction", epoch.activeFraction());
                number(json, "spread", epoch.spread());
                number(json, "learning_rate", epoch.learningRate());
              }));
      lines.append('\n');
    }
    return lines.toString();
  }

  private static String metrics(RunRecord run) {
    return json(
            true,
            json -> {
              measures(json, "raw", run.raw());
              measures(json, "untrained", run.untrained());
              measures(json, "after", run.after());
              json.writeNumberField("training_rows", run.trainingRows());
              json.writeNumberField("held_back_rows", run.labels().length);
              json.writeArrayFieldStart("warnings");
              for (String warning : run.warnings()) {
                json.writeString(warning);
              }
              json.writeEndArray();
              json.writeObjectFieldStart("settings");
              for (Map.Entry<String, Object> setting : run.settings().entrySet()) {
                json.writeObjectField(setting.getKey().replace(' ', '_'), setting.getValue());
              }
              json.writeEndObject();
            })
        + "\n";
  }

  private static void measures(JsonGenerator json, String name, Measures measures)
      throws IOException {
    json.writeObjectFieldStart(name);
    number(json, "map_at_r", measures.mapAtR());
    number(json, "recall_at_1", measures.recallAt1());
    number(json, "r_precision", measures.rPrecision());
    json.writeEndObject();
  }

  private static void number(JsonGenerator json, String name, @Nullable Double value)
      throws IOException {
    json.writeFieldName(name);
    if (value == null || !Double.isFinite(value)) {
      json.writeNull();
    } else {
      json.writeNumber(value);
    }
  }

  private interface Fields {
    void writeTo(JsonGenerator json) throws IOException;
  }

  private static String json(boolean pretty, Fields fields) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      if (pretty) {
        json.setPrettyPrinter(new DefaultPrettyPrinter());
      }
      json.writeStartObject();
      fields.writeTo(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
