package dev.tripoint.data;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.tripoint.tensor.DType;
import dev.tripoint.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Files of named arrays in the safetensors format.
 *
 * <p>The whole header is checked before anything is read, by the rules of the format's own reader:
 * offsets inside the file, no holes, no overlaps, sizes that fit shape and type, no name twice.
 * Every failure is a {@link DataException} of one sentence.
 */
public final class Safetensors {
  private static final int MAX_HEADER = 100_000_000;
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private Safetensors() {}

  /**
   * Reads one array, mapped as by {@link Npy#read}.
   *
   * @throws DataException if the file is missing or damaged, has no such name, or the array's type
   *     has no dtype here
   */
  public static Tensor read(Path file, String name) {
    try (FileChannel channel = InputFile.open(file)) {
      Map<String, Entry> entries = header(file, channel);
      Entry entry = entries.get(name);
      if (entry == null) {
        throw new DataException(
            "%s: has no array named '%s'; it has %s.".formatted(file, name, listed(entries)));
      }
      StoredType type = storedType(file, name, entry);
      return new StoredArray(
              file + ":" + name, type, ByteOrder.LITTLE_ENDIAN, false, entry.shape, entry.offset)
          .load(channel);
    } catch (IOException e) {
      throw InputFile.cannotRead(file, e);
    }
  }

  /** The names of the arrays in a file, in the order of its header. */
  public static List<String> names(Path file) {
    try (FileChannel channel = InputFile.open(file)) {
      return List.copyOf(header(file, channel).keySet());
    } catch (IOException e) {
      throw InputFile.cannotRead(file, e);
    }
  }

  /**
   * Writes arrays as one file that appears whole or not at all; the same arrays give the same
   * bytes.
   *
   * @param tensors by name; any strides and device
   * @param metadata free text by key, may be empty
   * @throws DataException if the file cannot be written
   */
  public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
    // Widest type first, as the format's own writer does, so that each array is aligned for its
    // type.
    List<Map.Entry<String, Tensor>> ordered = new ArrayList<>(tensors.entrySet());
    ordered.sort(
        Comparator.comparingInt((Map.Entry<String, Tensor> e) -> -e.getValue().dtype().byteSize())
            .thenComparing(Map.Entry::getKey));
    byte[] header = headerOf(file, ordered, metadata);
    AtomicFile.write(
        file,
        channel -> {
          ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
          AtomicFile.writeAll(channel, length.putLong(header.length).flip());
          AtomicFile.writeAll(channel, ByteBuffer.wrap(header));
          for (Map.Entry<String, Tensor> entry : ordered) {
            Npy.writeData(channel, entry.getValue());
          }
        });
  }

  private static byte[] headerOf(
      Path file, List<Map.Entry<String, Tensor>> tensors, Map<String, String> metadata) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart("__metadata__");
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      long at = 0;
      for (Map.Entry<String, Tensor> entry : tensors) {
        Tensor tensor = entry.getValue();
        long end = at + tensor.numel() * tensor.dtype().byteSize();
        json.writeObjectFieldStart(entry.getKey());
        json.writeStringField("dtype", nameOf(file, tensor.dtype()));
        json.writeFieldName("shape");
        json.writeArray(tensor.sizes(), 0, tensor.dim());
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {at, end}, 0, 2);
        json.writeEndObject();
        at = end;
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw AtomicFile.cannotWrite(file, e);
    }
    while (bytes.size() % 8 != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }

  private static String nameOf(Path file, DType dtype) {
    return switch (dtype) {
      case BOOL -> "BOOL";
      case UINT8 -> "U8";
      case INT8 -> "I8";
      case INT16 -> "I16";
      case INT32 -> "I32";
      case INT64 -> "I64";
      case FLOAT16 -> "F16";
      case BFLOAT16 -> "BF16";
      case FLOAT32 -> "F32";
      case FLOAT64 -> "F64";
      default ->
          throw new DataException(
              file + ": safetensors has no form of " + dtype.torchName() + " here.");
    };
  }

  /** One array's line in the header; {@code offset} from the file's first byte. */
  private record Entry(String dtype, long[] shape, long offset, long end) {}

  private static Map<String, Entry> header(Path file, FileChannel channel) throws IOException {
    long size = channel.size();
    if (size < 8) {
      throw new DataException(
          "%s: truncated: expected at least 8 bytes of a safetensors file, found %d."
              .formatted(file, size));
    }
    long length = InputFile.read(channel, 0, 8).getLong();
    if (length < 0 || length > MAX_HEADER) {
      throw new DataException(
          "%s: no safetensors file, or damaged: a header of %s bytes, expected at most %d."
              .formatted(file, Long.toUnsignedString(length), MAX_HEADER));
    }
    if (8 + length > size) {
      throw new DataException(
          "%s: truncated: expected at least %d bytes, found %d.".formatted(file, 8 + length, size));
    }
    ByteBuffer bytes = InputFile.read(channel, 8, (int) length);
    Map<String, Entry> entries;
    try (JsonParser json = JSON.createParser(bytes.array())) {
      entries = parse(json, 8 + length);
    } catch (IOException | IllegalArgumentException e) {
      String detail = e instanceof JacksonException j ? j.getOriginalMessage() : e.getMessage();
      throw new DataException(
          "%s: no safetensors file, or damaged: %s.".formatted(file, firstLine(detail)), e);
    }
    check(file, entries, 8 + length, size);
    return entries;
  }

  private static Map<String, Entry> parse(JsonParser json, long dataStart) throws IOException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    require(json.nextToken() == JsonToken.START_OBJECT, "its header is no JSON object");
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      require(json.nextToken() == JsonToken.START_OBJECT, "'" + name + "' is no JSON object");
      if (name.equals("__metadata__")) {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          require(json.nextToken() == JsonToken.VALUE_STRING, "its metadata hold more than text");
        }
      } else {
        entries.put(name, entry(name, json, dataStart));
      }
    }
    require(json.currentToken() == JsonToken.END_OBJECT, "its header ends early");
    require(json.nextToken() == null, "its header goes on after the JSON object");
    return entries;
  }

  private static Entry entry(String name, JsonParser json, long dataStart) throws IOException {
    String dtype = "";
    long[] shape = {};
    long[] offsets = {};
    int seen = 0;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String key = json.currentName();
      JsonToken value = json.nextToken();
      switch (key) {
        case "dtype" -> {
          require(value == JsonToken.VALUE_STRING, "'" + name + "' has a dtype that is no text");
          dtype = json.getText();
          seen |= 1;
        }
        case "shape" -> {
          shape = numbers(name, json);
          seen |= 2;
        }
        case "data_offsets" -> {
          offsets = numbers(name, json);
          seen |= 4;
        }
        default -> require(false, "'" + name + "' has the unknown key '" + key + "'");
      }
    }
    require(
        seen == 7 && offsets.length == 2,
        "'" + name + "' lacks a dtype, a shape or its two offsets");
    require(
        offsets[0] <= offsets[1] && offsets[1] <= Long.MAX_VALUE - dataStart,
        "'" + name + "' has offsets " + Arrays.toString(offsets));
    return new Entry(dtype, shape, dataStart + offsets[0], dataStart + offsets[1]);
  }

  private static long[] numbers(String name, JsonParser json) throws IOException {
    require(json.currentToken() == JsonToken.START_ARRAY, "'" + name + "' has a list that is none");
    List<Long> values = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      require(
          json.currentToken() == JsonToken.VALUE_NUMBER_INT && json.getLongValue() >= 0,
          "'" + name + "' has a size or offset that is no whole number from 0");
      values.add(json.getLongValue());
      require(values.size() <= 64, "'" + name + "' has more than 64 dimensions");
    }
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  private static void check(Path file, Map<String, Entry> entries, long dataStart, long size) {
    List<Map.Entry<String, Entry>> ordered = new ArrayList<>(entries.entrySet());
    ordered.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().offset)
            .thenComparingLong(e -> e.getValue().end));
    long at = dataStart;
    for (Map.Entry<String, Entry> each : ordered) {
      Entry entry = each.getValue();
      if (entry.offset != at) {
        throw new DataException(
            "%s: damaged: '%s' begins at byte %d, expected %d (arrays may neither overlap nor leave holes)."
                .formatted(file, each.getKey(), entry.offset, at));
      }
      at = entry.end;
      StoredType type = typeOf(entry.dtype);
      if (type != null) {
        long bytes = StoredArray.byteSize(file + ":" + each.getKey(), type, entry.shape);
        if (entry.end - entry.offset != bytes) {
          throw new DataException(
              "%s: damaged: '%s' is %s%s, expected %d bytes, found %d."
                  .formatted(
                      file,
                      each.getKey(),
                      entry.dtype,
                      Arrays.toString(entry.shape),
                      bytes,
                      entry.end - entry.offset));
        }
      }
    }
    if (at != size) {
      throw new DataException(
          "%s: %s: expected %d bytes, found %d."
              .formatted(file, at > size ? "truncated" : "damaged", at, size));
    }
  }

  private static StoredType storedType(Path file, String name, Entry entry) {
    StoredType type = typeOf(entry.dtype);
    if (type == null) {
      throw new DataException(
          "%s: '%s' has the type %s, expected a float of 16 bits or more, an integer type or BOOL."
              .formatted(file, name, entry.dtype));
    }
    return type;
  }

  /**
   * The type of that name, or null for those that are not read here, which a file may hold beside
   * them.
   */
  private static @Nullable StoredType typeOf(String dtype) {
    for (StoredType type : StoredType.values()) {
      if (type.name().equals(dtype)) {
        return type;
      }
    }
    return null;
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  private static String listed(Map<String, Entry> entries) {
    List<String> names = entries.keySet().stream().limit(8).map(n -> "'" + n + "'").toList();
    String more = entries.size() > 8 ? " and " + (entries.size() - 8) + " more" : "";
    return names.isEmpty() ? "none" : String.join(", ", names) + more;
  }

  private static String firstLine(String text) {
    String line = text.lines().findFirst().orElse("");
    return line.length() <= 160 ? line : line.substring(0, 160) + "…";
  }
}
